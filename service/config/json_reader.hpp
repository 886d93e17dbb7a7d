#pragma once

#include "service/config/config_error.hpp"
#include "service/config/config_value.hpp"

#include <string>

namespace hub {

/// Reads JSON with `//` and `/* */` comments and trailing commas. The text must
/// be UTF-8 and at most `config_value::max_depth` deep; it costs no stack.
/// `file` is for messages. The error is the first one in the text.
config_result<config_value> read_json(const std::string& text, const std::string& file);

/// The first byte at or after `offset` that is no white space, comment, comma
/// or colon, or the end. `offset` must not be inside a string.
size_t skip_gap(std::string_view text, size_t offset) noexcept;

} // namespace hub
