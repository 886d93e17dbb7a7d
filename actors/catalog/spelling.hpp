#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hub {

/// The three-byte pieces of a word, its ends marked, for comparing one word with
/// many. Of a long word only the first 63 bytes count.
class trigrams {
public:
  explicit trigrams(std::string_view word) noexcept;

  /// What `other` shares with the word, from 0 (nothing) to 1 (all): Dice's
  /// coefficient.
  double similarity(std::string_view other) const noexcept;

private:
  /// Sorted.
  std::array<uint32_t, 64> pieces_{};

  /// A bit for the hash of each piece, which tells most others apart at once.
  uint64_t signature_ = 0;

  size_t count_ = 0;
};

} // namespace hub
