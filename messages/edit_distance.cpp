#include "messages/edit_distance.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

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

} // namespace hub
