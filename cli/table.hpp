#pragma once

#include "cli/console.hpp"

#include <string>
#include <vector>

namespace hub::cli {

/// Rows under headings, in columns as wide as what stands in them. On a
/// terminal that is too narrow, columns are left out that may be, and the last column is cut
/// where the line ends; elsewhere nothing is.
class table {
public:
  enum class align { left, right };

  struct column {
    std::string heading;
    align side = align::left;

    /// Where there is no room for all, the highest goes first; 0 stays.
    unsigned expendable = 0;
  };

  struct cell {
    cell(std::string text, style look = style::plain);

    /// One line, without control characters.
    std::string text;

    style look;
  };

  explicit table(std::vector<column> columns);

  /// `cells` has one cell for each column.
  void add(std::vector<cell> cells);

  bool empty() const noexcept {
    return rows_.empty();
  }

  void print(console& io) const;

private:
  std::vector<size_t> widths() const;

  /// The places of the columns that have room.
  std::vector<size_t> columns_within(size_t width, const std::vector<size_t>& widths) const;

  std::vector<column> columns_;
  std::vector<std::vector<cell>> rows_;
};

} // namespace hub::cli
