#include "cli/table.hpp"

#include <algorithm>
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

void table::print(console& io) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    auto width = display_width(columns_[i].heading);
    for (auto& row : rows_)
      width = std::max(width, display_width(row[i].text));
    widths.push_back(width);
  }
  auto print_row = [&](auto&& text_of, auto&& look_of) {
    std::string line;
    size_t used = 0;
    for (size_t i = 0; i < columns_.size(); ++i) {
      auto last = i + 1 == columns_.size();
      std::string text = text_of(i);
      if (last && io.width > used)
        text = fit(text, io.width - used);
      auto blanks = std::string(widths[i] - std::min(widths[i], display_width(text)), ' ');
      if (columns_[i].side == align::right)
        line += blanks;
      line += io.paint(look_of(i), text);
      if (columns_[i].side == align::left && !last)
        line += blanks;
      if (!last)
        line += "  ";
      used += widths[i] + 2;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    io.out << line << '\n';
  };
  print_row([&](size_t i) { return columns_[i].heading; }, [](size_t) { return style::bold; });
  for (auto& row : rows_)
    print_row([&](size_t i) { return row[i].text; }, [&](size_t i) { return row[i].look; });
}

} // namespace hub::cli
