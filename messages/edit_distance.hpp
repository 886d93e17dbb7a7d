#pragma once

#include <cstddef>
#include <string_view>

namespace hub {

/// How many single-byte insertions, deletions, replacements and swaps of
/// neighbours lead from `a` to `b`; `limit + 1` if more than `limit`. Words
/// longer than 64 bytes count as too far.
size_t edit_distance(std::string_view a, std::string_view b, size_t limit) noexcept;

} // namespace hub
