#pragma once

#include "actors/auth/web_address.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// What an authorization server says of itself (RFC 8414, section 2, and OpenID
/// Connect Discovery 1.0).
struct authorization_server {
  std::string issuer;
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string registration_endpoint;
  std::string revocation_endpoint;
  std::vector<std::string> scopes_supported;

  /// `client_secret_basic` if the server does not say (RFC 8414).
  std::vector<std::string> token_auth_methods{"client_secret_basic"};

  /// Whether it takes code challenges by S256.
  bool s256 = false;

  /// It promises `iss` in its answers (RFC 9207).
  bool promises_iss = false;

  /// It takes addresses of metadata documents as client ids.
  bool client_documents = false;
};

/// Where the metadata of `issuer` may lie, in the order to look (MCP,
/// "Authorization Server Metadata Discovery"). Empty if it is no address.
std::vector<std::string> server_metadata_addresses(std::string_view issuer);

/// Reads the document; nothing if it is none or has no token endpoint.
std::optional<authorization_server> read_authorization_server(std::string_view text);

/// Whether metadata that names `issuer` may speak for `expected` (RFC 8414,
/// section 3.3): they are the same text, but for the slash of an empty path,
/// which makes no difference for where the document lies.
bool same_issuer(std::string_view issuer, std::string_view expected);

/// The server of a resource that has no metadata at all (MCP 2025-03-26,
/// "Fallbacks for Servers without Metadata Discovery"): `/authorize`, `/token` and
/// `/register` of its origin.
authorization_server default_authorization_server(const web_address& resource);

} // namespace hub
