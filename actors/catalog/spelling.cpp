#include "actors/catalog/spelling.hpp"

#include <algorithm>
#include <array>

namespace hub {

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
  if (word.empty())
    return;
  word = word.substr(0, pieces_.size() - 1);
  auto at = [word](size_t i) -> uint32_t {
    // Two marks before the word and one behind make its start weigh more.
    return i < 2 || i - 2 >= word.size() ? 0 : static_cast<unsigned char>(word[i - 2]);
  };
  for (size_t i = 0; i <= word.size(); ++i)
    pieces_[count_++] = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
  auto end = pieces_.begin() + static_cast<ptrdiff_t>(count_);
  std::sort(pieces_.begin(), end);
  count_ = static_cast<size_t>(std::unique(pieces_.begin(), end) - pieces_.begin());
}

double trigrams::similarity(const trigrams& other) const noexcept {
  if (count_ == 0 || other.count_ == 0)
    return 0;
  size_t shared = 0;
  for (size_t i = 0, j = 0; i < count_ && j < other.count_;) {
    auto a = pieces_[i];
    auto b = other.pieces_[j];
    shared += a == b;
    i += a <= b;
    j += b <= a;
  }
  return 2.0 * static_cast<double>(shared) / static_cast<double>(count_ + other.count_);
}

} // namespace hub
