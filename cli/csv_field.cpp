#include "cli/csv_field.hpp"

#include <string_view>

namespace hub::cli {

std::string csv_field(std::string text) {
  if (!text.empty() && std::string_view{"=+-@\t\r"}.find(text[0]) != std::string_view::npos)
    text.insert(0, "'");
  std::string result = "\"";
  for (auto c : text)
    result += c == '"' ? "\"\"" : std::string{c};
  return result + "\"";
}

} // namespace hub::cli
