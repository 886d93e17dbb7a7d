#include "service/config/config_error.hpp"

namespace hub {

std::string to_string(const config_error& error) {
  auto result = error.where;
  if (!result.empty())
    result += ": ";
  result += error.cause;
  if (!error.fix.empty()) {
    result += "; ";
    result += error.fix;
  }
  // A file may hold anything, and this goes to a terminal.
  for (auto& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      c = '?';
  return result;
}

std::string to_string(const std::vector<config_error>& errors) {
  std::string result;
  for (auto& error : errors) {
    if (!result.empty())
      result += '\n';
    result += to_string(error);
  }
  return result;
}

} // namespace hub
