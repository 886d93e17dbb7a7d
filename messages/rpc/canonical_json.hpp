#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hub::rpc {

/// `text` in the canonical form of RFC 8785 (JCS): without white space, members sorted by the
/// UTF-16 code units of their names, numbers and strings as ECMAScript writes them. Nothing
/// if it is no JSON or has no canonical form that stands for it alone: a name twice in one
/// object, half a surrogate pair, or a number that a double does not tell from its
/// neighbours (an integer beyond 2^53, or more than 17 digits).
std::optional<std::string> canonical_json(std::string_view text);

/// A number as ECMAScript writes it (RFC 8785, section 3.2.2.3). `x` is finite.
std::string canonical_number(double x);

} // namespace hub::rpc
