#include "cli/quantity.hpp"

#include <cstdio>

namespace hub::cli {

namespace {

/// One digit behind the point for small numbers, none for large ones.
std::string short_number(double number) {
  char text[40];
  std::snprintf(text, sizeof text, number < 10 ? "%.1f" : "%.0f", number);
  return text;
}

} // namespace

std::string seconds_text(int64_t seconds) {
  auto pair = [](int64_t large, const char* large_unit, int64_t small, const char* small_unit) {
    auto text = std::to_string(large) + ' ' + large_unit;
    return small == 0 ? text : text + ' ' + std::to_string(small) + ' ' + small_unit;
  };
  if (seconds < 60)
    return std::to_string(seconds) + " s";
  if (seconds < 3600)
    return pair(seconds / 60, "min", seconds % 60, "s");
  if (seconds < 86400)
    return pair(seconds / 3600, "h", seconds % 3600 / 60, "min");
  return pair(seconds / 86400, "d", seconds % 86400 / 3600, "h");
}

std::string milliseconds_text(double milliseconds) {
  return milliseconds < 1000 ? short_number(milliseconds) + " ms" : short_number(milliseconds / 1000) + " s";
}

std::string bytes_text(uint64_t bytes) {
  if (bytes < 1000)
    return std::to_string(bytes) + " B";
  auto number = static_cast<double>(bytes) / 1000;
  for (auto* unit : {"kB", "MB", "GB"}) {
    if (number < 1000)
      return short_number(number) + ' ' + unit;
    number /= 1000;
  }
  return short_number(number) + " TB";
}

std::string counted(int64_t number, const std::string& noun) {
  return std::to_string(number) + ' ' + noun + (number == 1 ? "" : "s");
}

} // namespace hub::cli
