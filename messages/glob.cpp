#include "messages/glob.hpp"

#include <cstddef>

namespace hub {

bool matches_pattern(std::string_view name, std::string_view pattern) noexcept {
  size_t i = 0;
  size_t j = 0;
  auto star = std::string_view::npos;
  size_t after_star = 0;
  while (i < name.size()) {
    if (j < pattern.size() && pattern[j] == '*') {
      star = j++;
      after_star = i;
    } else if (j < pattern.size() && (pattern[j] == '?' || pattern[j] == name[i])) {
      ++i;
      ++j;
    } else if (star != std::string_view::npos) {
      j = star + 1;
      i = ++after_star;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', j) == std::string_view::npos;
}

} // namespace hub
