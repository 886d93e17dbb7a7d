#pragma once

#include <string>
#include <string_view>

namespace hub {

// The headers in which a stateless request repeats parts of its body, `Mcp-Name`
// and `Mcp-Param-*` (MCP 2026-07-28, "Standard Headers").

/// The member of `params` that `Mcp-Name` repeats for a method: `name`, `uri` or
/// `taskId`; empty if the method needs no such header.
std::string_view mirrored_member(std::string_view method) noexcept;

/// What stands around the Base64 of a value that is not plain text.
inline constexpr std::string_view sentinel_start = "=?base64?";
inline constexpr std::string_view sentinel_end = "?=";

/// `value` for `Mcp-Name` and `Mcp-Param-*`: as it is, or in Base64 behind a sentinel
/// where a header could not carry it (MCP 2026-07-28, "Value Encoding").
std::string encode_header_value(std::string_view value);

} // namespace hub
