#pragma once

#include "actors/auth/web_address.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// What an MCP server says of itself as a protected resource (RFC 9728, section 2).
struct protected_resource {
  std::string resource;
  std::vector<std::string> authorization_servers;
  std::vector<std::string> scopes_supported;
};

/// Where the metadata of the server at `url` may lie, in the order to look: where
/// its challenge says (`told`, if not empty), below its path, at its root (MCP,
/// "Protected Resource Metadata Discovery Requirements").
std::vector<std::string> resource_metadata_addresses(const web_address& url, const std::string& told);

/// Reads the document; nothing if it is none or names no authorization server.
std::optional<protected_resource> read_protected_resource(std::string_view text);

/// Whether metadata for `resource` holds for the server at `url`: the same origin,
/// and the same path or one above it (RFC 9728, section 3.3; RFC 8707).
bool covers(std::string_view resource, const web_address& url);

/// The address of a server as the `resource` parameter names it: without query,
/// fragment and closing slash (MCP, "Canonical Server URI").
std::string canonical_resource(const web_address& url);

} // namespace hub
