#include "cli/table.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <ostream>

namespace hub::cli {

table::cell::cell(std::string text, style look) : text(printable_line(text)), look(look) {
  // nop
}

table::table(std::vector<column> columns) : columns_(std::move(columns)) {
  // nop
}

void table::add(std::vector<cell> cells) {
  rows_.push_back(std::move(cells));
}

std::vector<size_t> table::widths() const {
  std::vector<size_t> result;
  for (size_t i = 0; i < columns_.size(); ++i) {
    auto width = display_width(columns_[i].heading);
    for (auto& row : rows_)
      width = std::max(width, display_width(row[i].text));
    result.push_back(width);
  }
  return result;
}

std::vector<size_t> table::columns_within(size_t width, const std::vector<size_t>& widths) const {
  std::vector<size_t> result(columns_.size());
  std::iota(result.begin(), result.end(), size_t{0});
  auto used = [&] {
    return std::accumulate(result.begin(), result.end(), 2 * (result.size() - 1),
                           [&](size_t sum, size_t i) { return sum + widths[i]; });
  };
  while (used() > width) {
    auto least = std::ranges::max_element(result, {}, [&](size_t i) { return columns_[i].expendable; });
    if (columns_[*least].expendable == 0)
      break;
    result.erase(least);
  }
  return result;
}

void table::print(console& io) const {
  auto wide = widths();
  auto shown = columns_within(io.width == 0 ? std::numeric_limits<size_t>::max() : io.width, wide);
  auto print_row = [&](auto&& text_of, auto&& look_of) {
    std::string line;
    size_t used = 0;
    for (auto i : shown) {
      auto last = i == shown.back();
      auto room = last && io.width > used ? std::min(wide[i], io.width - used) : wide[i];
      std::string text = text_of(i);
      if (room < wide[i])
        text = fit(text, room);
      auto blanks = std::string(room - std::min(room, display_width(text)), ' ');
      if (columns_[i].side == align::right)
        line += blanks;
      line += io.paint(look_of(i), text);
      if (columns_[i].side == align::left && !last)
        line += blanks;
      if (!last)
        line += "  ";
      used += wide[i] + 2;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    io.out << line << '\n';
  };
  print_row([&](size_t i) { return columns_[i].heading; }, [](size_t) { return style::bold; });
  for (auto& row : rows_)
    print_row([&](size_t i) { return row[i].text; }, [&](size_t i) { return row[i].look; });
}

} // namespace hub::cli
