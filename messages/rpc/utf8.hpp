#pragma once

#include <string>

namespace hub::rpc {

/// Appends the character `c` as UTF-8.
void append_utf8(char32_t c, std::string& text);

} // namespace hub::rpc
