#include "actors/catalog/spelling.hpp"

#include <algorithm>
#include <array>

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

size_t edit_distance(std::string_view a, std::string_view b, size_t limit) noexcept {
  constexpr size_t longest = 64;
  if (a.size() > b.size())
    std::swap(a, b);
  if (b.size() - a.size() > limit || b.size() > longest)
    return limit + 1;
  // Three rows: a swap of neighbours looks two rows back.
  std::array<std::array<uint8_t, longest + 1>, 3> rows{};
  for (size_t j = 0; j <= a.size(); ++j)
    rows[0][j] = static_cast<uint8_t>(j);
  for (size_t i = 1; i <= b.size(); ++i) {
    auto& row = rows[i % 3];
    auto& above = rows[(i - 1) % 3];
    auto& two_above = rows[(i + 1) % 3];
    row[0] = static_cast<uint8_t>(i);
    auto best = row[0];
    for (size_t j = 1; j <= a.size(); ++j) {
      auto replaced = above[j - 1] + (a[j - 1] == b[i - 1] ? 0 : 1);
      auto cost = std::min({replaced, above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[j - 1] == b[i - 2] && a[j - 2] == b[i - 1])
        cost = std::min(cost, two_above[j - 2] + 1);
      row[j] = static_cast<uint8_t>(cost);
      best = std::min(best, row[j]);
    }
    // A swap can still come back from the row before, hence the one to spare.
    if (best > limit + 1)
      return limit + 1;
  }
  return std::min<size_t>(rows[b.size() % 3][a.size()], limit + 1);
}

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
