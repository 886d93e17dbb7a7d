#include "actors/catalog/spelling.hpp"

#include <algorithm>

namespace hub {

namespace {

constexpr size_t longest_compared = 63;

uint64_t signature_bit(uint32_t piece) {
  return uint64_t{1} << ((piece * 0x9E3779B1u) >> 26);
}

/// Calls `f(uint32_t)` for each piece of `word`. Two marks before it and one
/// behind make its start weigh more.
template <class F>
void for_each_piece(std::string_view word, F&& f) {
  if (word.empty())
    return;
  constexpr uint32_t three_bytes = 0xFFFFFF;
  uint32_t piece = 0;
  for (auto c : word.substr(0, longest_compared)) {
    piece = (piece << 8 | static_cast<unsigned char>(c)) & three_bytes;
    f(piece);
  }
  f(piece << 8 & three_bytes);
}

} // namespace

trigrams::trigrams(std::string_view word) noexcept {
  for_each_piece(word, [this](uint32_t piece) {
    pieces_[count_++] = piece;
    signature_ |= signature_bit(piece);
  });
  std::sort(pieces_.begin(), pieces_.begin() + static_cast<ptrdiff_t>(count_));
}

double trigrams::similarity(std::string_view other) const noexcept {
  auto end = pieces_.begin() + static_cast<ptrdiff_t>(count_);
  size_t count = 0;
  size_t shared = 0;
  for_each_piece(other, [&](uint32_t piece) {
    ++count;
    if ((signature_ & signature_bit(piece)) != 0)
      shared += std::binary_search(pieces_.begin(), end, piece);
  });
  if (shared == 0)
    return 0;
  // A piece that `other` repeats was counted each time.
  shared = std::min(shared, count_);
  return 2.0 * static_cast<double>(shared) / static_cast<double>(count_ + count);
}

} // namespace hub
