#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hub::cli {

/// One line of two texts side by side.
struct difference_line {
  /// `-` stands in the first text, `+` in the second, a blank in both.
  char side;
  std::string_view text;
};

/// What makes the second text of the first, line by line, with the fewest lines taken
/// out and put in. Where the texts differ in more than 2000 lines, all of the first is taken out
/// and all of the second put in. The views point into the texts.
std::vector<difference_line> line_difference(std::string_view before, std::string_view after);

} // namespace hub::cli
