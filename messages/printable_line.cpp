#include "messages/printable_line.hpp"

namespace hub {

namespace {

/// The length of the valid UTF-8 sequence at the front of `text`, or 0.
size_t utf8_length(std::string_view text) noexcept {
  auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  auto first = at(0);
  if (first < 0x80)
    return 1;
  size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                  : first >= 0xE0 && first <= 0xEF ? 3
                  : first >= 0xF0 && first <= 0xF4 ? 4
                                                   : 0;
  if (length == 0 || text.size() < length)
    return 0;
  for (size_t i = 1; i < length; ++i)
    if ((at(i) & 0xC0) != 0x80)
      return 0;
  // Longer than needed, surrogates, and beyond the last code point.
  if ((first == 0xE0 && at(1) < 0xA0) || (first == 0xED && at(1) > 0x9F)
      || (first == 0xF0 && at(1) < 0x90) || (first == 0xF4 && at(1) > 0x8F))
    return 0;
  return length;
}

/// The length of the terminal control sequence (`ESC [ ... letter`) at the
/// front of `text`, or 0.
size_t control_sequence_length(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '\x1b' || text[1] != '[')
    return 0;
  for (size_t i = 2; i < text.size(); ++i)
    if (text[i] >= '@' && text[i] <= '~')
      return i + 1;
  return 0;
}

/// Whether the valid sequence `text` is a control of C1, a line separator, or a mark that reorders text.
bool steers(std::string_view text) noexcept {
  auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.size() == 2)
    return at(0) == 0xC2 && at(1) < 0xA0;
  if (text.size() != 3 || at(0) != 0xE2)
    return false;
  // U+2028 to U+202E, and U+2066 to U+2069.
  return (at(1) == 0x80 && at(2) >= 0xA8 && at(2) <= 0xAE) || (at(1) == 0x81 && at(2) >= 0xA6 && at(2) <= 0xA9);
}

} // namespace

std::string printable_line(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    size_t length = 1;
    if (auto sequence = control_sequence_length(text); sequence > 0) {
      length = sequence;
    } else if (auto c = static_cast<unsigned char>(text[0]); c < 0x20 || c == 0x7F) {
      result += ' ';
    } else if (length = utf8_length(text); length == 0) {
      result += "\xEF\xBF\xBD";
      length = 1;
    } else if (auto sequence = text.substr(0, length); steers(sequence)) {
      result += ' ';
    } else {
      result += sequence;
    }
    text.remove_prefix(length);
  }
  return result;
}

} // namespace hub
