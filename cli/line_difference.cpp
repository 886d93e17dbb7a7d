#include "cli/line_difference.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hub::cli {

namespace {

using lines = std::span<const std::string_view>;

/// Beyond it the table of the comparison would take too much memory.
constexpr size_t most_lines = 2000;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    auto size = std::min(text.find('\n'), text.size());
    result.push_back(text.substr(0, size));
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return result;
}

void add(std::vector<difference_line>& to, char side, lines what) {
  for (auto line : what)
    to.push_back({side, line});
}

/// By the longest common subsequence.
void compare(lines before, lines after, std::vector<difference_line>& result) {
  if (before.size() > most_lines || after.size() > most_lines) {
    add(result, '-', before);
    add(result, '+', after);
    return;
  }
  auto width = after.size() + 1;
  // How many lines of the rests are common, by where the rests begin.
  std::vector<uint16_t> common((before.size() + 1) * width);
  for (auto i = before.size(); i-- > 0;)
    for (auto j = after.size(); j-- > 0;)
      common[i * width + j] = before[i] == after[j]
                                ? static_cast<uint16_t>(common[(i + 1) * width + j + 1] + 1)
                                : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
  size_t i = 0;
  size_t j = 0;
  while (i < before.size() || j < after.size()) {
    if (i < before.size() && j < after.size() && before[i] == after[j]) {
      result.push_back({' ', before[i++]});
      ++j;
    } else if (j == after.size()
               || (i < before.size() && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      result.push_back({'-', before[i++]});
    } else {
      result.push_back({'+', after[j++]});
    }
  }
}

} // namespace

std::vector<difference_line> line_difference(std::string_view before, std::string_view after) {
  auto old = lines_of(before);
  auto now = lines_of(after);
  auto [first, other] = std::ranges::mismatch(old, now);
  auto head = static_cast<size_t>(first - old.begin());
  size_t tail = 0;
  while (tail < std::min(old.size(), now.size()) - head && old[old.size() - 1 - tail] == now[now.size() - 1 - tail])
    ++tail;
  std::vector<difference_line> result;
  add(result, ' ', lines{old}.first(head));
  compare(lines{old}.subspan(head, old.size() - head - tail), lines{now}.subspan(head, now.size() - head - tail), result);
  add(result, ' ', lines{old}.last(tail));
  return result;
}

} // namespace hub::cli
