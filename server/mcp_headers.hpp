#pragma once

#include "messages/json_text.hpp"
#include "server/http_request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// What a mirrored header such as `Mcp-Name` says: outer blanks off, and the
/// sentinel `=?base64?...?=` decoded. Nothing if what is in the sentinel is not
/// base64.
std::optional<std::string> decode_header(std::string_view value);

/// Compares `MCP-Protocol-Version` with the version that `_meta` names. Returns what
/// is wrong and how to repair it, or nothing.
std::optional<std::string> find_version_mismatch(const http_request& request,
                                                 std::string_view version);

/// Compares `Mcp-Method` and `Mcp-Name` of a stateless request with its body. Returns
/// what is wrong with which header and how to repair it, or nothing.
std::optional<std::string> find_mismatch(const http_request& request, std::string_view method,
                                         const json_text& params);

} // namespace hub
