#pragma once

#include <string_view>

namespace hub {

/// Whether `name` is `pattern`, where `*` stands for any text and `?` for
/// any byte. Compares bytes, in time proportional to the product of both lengths.
bool matches_pattern(std::string_view name, std::string_view pattern) noexcept;

} // namespace hub
