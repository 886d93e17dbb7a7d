#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hub::sim {

/// A word that one request carries and no other, so that its answer can be told
/// from all others: `mk17;`.
inline std::string marker_of(uint64_t number) {
  return "mk" + std::to_string(number) + ";";
}

/// All markers in a text, in order.
inline std::vector<std::string> markers_in(std::string_view text) {
  std::vector<std::string> result;
  for (auto at = text.find("mk"); at != std::string_view::npos; at = text.find("mk", at + 2)) {
    auto end = text.find_first_not_of("0123456789", at + 2);
    if (end != std::string_view::npos && end > at + 2 && text[end] == ';')
      result.emplace_back(text.substr(at, end + 1 - at));
  }
  return result;
}

} // namespace hub::sim
