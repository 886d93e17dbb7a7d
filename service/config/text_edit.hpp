#pragma once

#include "service/config/config_value.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

// Changes of a JSON text that leave all the rest of it, comments and spaces included,
// as it is. The values are of the very text.

/// `json` with each line but the first moved right.
std::string indented(std::string_view json, const std::string& indent, std::string_view line_end);

/// The text with `children` (each several lines of JSON) as the last ones of
/// `container`.
std::string append_children(const std::string& text, const config_value& container,
                            const std::vector<std::string>& children);

/// The text without the child at `index` of `container`, its comma, and the lines that
/// nothing is left on.
std::string erase_child(const std::string& text, const config_value& container, size_t index);

/// The text with `json` in the place of `value`.
std::string replace_value(const std::string& text, const config_value& value, std::string_view json);

} // namespace hub
