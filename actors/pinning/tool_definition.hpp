#pragma once

#include <string>
#include <string_view>

namespace hub {

/// The part of a tool that a model or a client acts on (MCP, server/tools): `name`,
/// `title`, `description`, `inputSchema`, `outputSchema` and `annotations`, as JSON
/// with sorted keys and without white space. Two texts that say the same are equal.
/// What cannot be parsed, or is over 128 deep, stays as it is.
std::string canonical_definition(std::string_view tool);

/// SHA-256 of that, as 64 hex digits.
std::string definition_digest(std::string_view tool);

} // namespace hub
