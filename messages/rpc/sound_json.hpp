#pragma once

#include <cstddef>
#include <string_view>

namespace hub::rpc {

/// Whether `text` is surely one well-formed JSON value (RFC 8259) that is nested at most
/// `depth` deep; its UTF-8 is not looked at. False says that it has to be looked at more
/// closely: besides what is broken, these are numbers of more than 15 digits or with an
/// exponent, and escaped surrogates.
bool is_surely_json(std::string_view text, size_t depth) noexcept;

} // namespace hub::rpc
