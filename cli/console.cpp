#include "cli/console.hpp"

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace hub::cli {

namespace {

struct code_point {
  uint32_t value;
  size_t length;
};

/// The character at the start of `text`, which is not empty. A broken byte
/// counts as one character.
code_point first_of(std::string_view text) noexcept {
  auto lead = static_cast<unsigned char>(text[0]);
  size_t length = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 0;
  if (length == 0 || length > text.size())
    return {0xfffd, 1};
  uint32_t value = length == 1 ? lead : lead & (0x7f >> length);
  for (size_t i = 1; i < length; ++i) {
    auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80)
      return {0xfffd, 1};
    value = value << 6 | (next & 0x3f);
  }
  return {value, length};
}

bool is_control(uint32_t c) noexcept {
  // C0, DEL, C1, line separators, and the marks that reorder what is written around them.
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

size_t columns_of(uint32_t c) noexcept {
  auto combining = (c >= 0x300 && c < 0x370) || c == 0x200d || (c >= 0xfe00 && c < 0xfe10);
  if (combining)
    return 0;
  auto wide = (c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0) || (c >= 0xac00 && c < 0xd7a4)
              || (c >= 0xf900 && c < 0xfb00) || (c >= 0xfe30 && c < 0xfe70) || (c >= 0xff00 && c < 0xff61)
              || (c >= 0x1f300 && c < 0x1f650) || (c >= 0x1f900 && c < 0x1fa00) || (c >= 0x20000 && c < 0x40000);
  return wide ? 2 : 1;
}

std::string printable(std::string_view text, bool one_line) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    auto [value, length] = first_of(text);
    auto is_space = value == '\n' || value == '\t' || value == '\r';
    if (is_space && (one_line || value == '\r'))
      result += value == '\r' && !one_line ? "" : " ";
    else if (!is_space && is_control(value))
      result += '?';
    else if (value == 0xfffd && length == 1)
      result += "\xef\xbf\xbd";
    else
      result += text.substr(0, length);
    text.remove_prefix(length);
  }
  return result;
}

} // namespace

std::string console::paint(style look, std::string_view text) const {
  if (!colour || look == style::plain)
    return std::string{text};
  auto code = "0";
  switch (look) {
    case style::plain:
      break;
    case style::bold:
      code = "1";
      break;
    case style::dim:
      code = "2";
      break;
    case style::good:
      code = "32";
      break;
    case style::warning:
      code = "33";
      break;
    case style::bad:
      code = "31";
      break;
  }
  return "\x1b[" + std::string{code} + "m" + std::string{text} + "\x1b[0m";
}

console process_console() {
  auto variable = [](const char* name) {
    auto* value = std::getenv(name);
    return std::string_view{value == nullptr ? "" : value};
  };
  console result{std::cin, std::cout, std::cerr};
  result.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  result.err_is_terminal = isatty(STDERR_FILENO) == 1;
  result.colour = result.out_is_terminal && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  winsize size{};
  if (result.out_is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
    result.width = size.ws_col;
  return result;
}

size_t display_width(std::string_view text) noexcept {
  size_t result = 0;
  while (!text.empty()) {
    auto [value, length] = first_of(text);
    result += columns_of(value);
    text.remove_prefix(length);
  }
  return result;
}

std::string fit(std::string_view text, size_t width) {
  if (display_width(text) <= width)
    return std::string{text};
  std::string result;
  size_t used = 0;
  while (!text.empty()) {
    auto [value, length] = first_of(text);
    // One column stays for the ellipsis.
    if (used + columns_of(value) + 1 > width)
      break;
    used += columns_of(value);
    result += text.substr(0, length);
    text.remove_prefix(length);
  }
  return width == 0 ? result : result + "…";
}

std::string printable_line(std::string_view text) {
  return printable(text, true);
}

std::string printable_text(std::string_view text) {
  return printable(text, false);
}

} // namespace hub::cli
