#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

/// Adds `name=value` to a query or a form of the type
/// `application/x-www-form-urlencoded`.
void append_field(std::string& form, std::string_view name, std::string_view value);

/// The fields of a query, decoded, in order. Nothing if it has more than 64, one
/// twice (RFC 6749, section 3.1), or a broken escape.
std::optional<std::vector<std::pair<std::string, std::string>>> read_form(std::string_view text);

/// The value of `name` among `fields`; empty if there is none.
std::string field_of(const std::vector<std::pair<std::string, std::string>>& fields, std::string_view name);

} // namespace hub
