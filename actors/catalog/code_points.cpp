#include "actors/catalog/code_points.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace hub {

namespace {

struct code_range {
  char32_t first;
  char32_t last;
};

template <size_t N>
bool contains(const std::array<code_range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const code_range& x) { return c >= x.first && c <= x.last; });
}

/// Thai and its neighbours, kana, Han, Hangul.
constexpr std::array<code_range, 8> unspaced_scripts{{
  {0x0E00, 0x0EFF},
  {0x1000, 0x109F},
  {0x1780, 0x17FF},
  {0x3041, 0x30FF},
  {0x3400, 0x4DBF},
  {0x4E00, 0x9FFF},
  {0xAC00, 0xD7AF},
  {0x20000, 0x3FFFF},
}};

/// Punctuation, symbols, pictures and private characters beyond ASCII.
constexpr std::array<code_range, 10> separators{{
  {0x0080, 0x00A9},
  {0x00AB, 0x00B4},
  {0x00B6, 0x00B9},
  {0x00BB, 0x00BF},
  {0x2000, 0x2BFF},
  {0x2E00, 0x2E7F},
  {0x3000, 0x3004},
  {0x3008, 0x3020},
  {0xE000, 0xF8FF},
  {0x1F000, 0x1FAFF},
}};

struct bare_range {
  char32_t first;
  char32_t last;
  char32_t bare;
};

/// Latin-1 and Latin Extended-A; letters that are two (`æ`) stay.
constexpr bare_range bare_letters[] = {
  {0xE0, 0xE5, 'a'},   {0xE7, 0xE7, 'c'},   {0xE8, 0xEB, 'e'},   {0xEC, 0xEF, 'i'},
  {0xF1, 0xF1, 'n'},   {0xF2, 0xF6, 'o'},   {0xF8, 0xF8, 'o'},   {0xF9, 0xFC, 'u'},
  {0xFD, 0xFD, 'y'},   {0xFF, 0xFF, 'y'},   {0x100, 0x105, 'a'}, {0x106, 0x10D, 'c'},
  {0x10E, 0x111, 'd'}, {0x112, 0x11B, 'e'}, {0x11C, 0x123, 'g'}, {0x124, 0x127, 'h'},
  {0x128, 0x131, 'i'}, {0x134, 0x135, 'j'}, {0x136, 0x138, 'k'}, {0x139, 0x142, 'l'},
  {0x143, 0x14B, 'n'}, {0x14C, 0x151, 'o'}, {0x154, 0x159, 'r'}, {0x15A, 0x161, 's'},
  {0x162, 0x167, 't'}, {0x168, 0x173, 'u'}, {0x174, 0x175, 'w'}, {0x176, 0x178, 'y'},
  {0x179, 0x17E, 'z'}, {0x17F, 0x17F, 's'}, {0x3AC, 0x3AC, 0x3B1}, {0x3AD, 0x3AD, 0x3B5},
  {0x3AE, 0x3AE, 0x3B7}, {0x3AF, 0x3AF, 0x3B9}, {0x3C2, 0x3C2, 0x3C3}, {0x3CC, 0x3CC, 0x3BF},
  {0x3CD, 0x3CD, 0x3C5}, {0x3CE, 0x3CE, 0x3C9},
};

} // namespace

char32_t take_code_point(std::string_view& text) noexcept {
  auto first = static_cast<unsigned char>(text.front());
  auto length = first < 0x80 ? 1u : first >> 5 == 6 ? 2u : first >> 4 == 14 ? 3u : first >> 3 == 30 ? 4u : 0u;
  if (length == 0 || length > text.size()) {
    text.remove_prefix(1);
    return no_code_point;
  }
  if (length == 1) {
    text.remove_prefix(1);
    return first;
  }
  char32_t result = first & (0x7Fu >> length);
  for (auto i = 1u; i < length; ++i) {
    auto next = static_cast<unsigned char>(text[i]);
    if (next >> 6 != 2) {
      text.remove_prefix(1);
      return no_code_point;
    }
    result = result << 6 | (next & 0x3Fu);
  }
  constexpr char32_t shortest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (result < shortest[length] || result > 0x10FFFF || (result >= 0xD800 && result <= 0xDFFF)) {
    text.remove_prefix(1);
    return no_code_point;
  }
  text.remove_prefix(length);
  return result;
}

letter_kind kind_of(char32_t c) noexcept {
  if (c < 0x80) {
    if (c >= 'a' && c <= 'z')
      return letter_kind::lower;
    if (c >= 'A' && c <= 'Z')
      return letter_kind::upper;
    return c >= '0' && c <= '9' ? letter_kind::digit : letter_kind::separator;
  }
  if (c == no_code_point || c == 0xD7 || c == 0xF7 || contains(separators, c))
    return letter_kind::separator;
  if ((c >= 0x300 && c <= 0x36F) || (c >= 0xFE00 && c <= 0xFE0F))
    return letter_kind::mark;
  // Full-width forms are read as the ASCII characters that they repeat.
  if (c >= 0xFF01 && c <= 0xFF5E)
    return kind_of(c - 0xFEE0);
  if (c >= 0xFF5F && c <= 0xFF64)
    return letter_kind::separator;
  if (contains(unspaced_scripts, c))
    return letter_kind::unspaced;
  if (lower_of(c) != c)
    return letter_kind::upper;
  return c < 0x530 ? letter_kind::lower : letter_kind::other;
}

char32_t lower_of(char32_t c) noexcept {
  if (c < 0x80)
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if (c < 0x100)
    return c >= 0xC0 && c <= 0xDE && c != 0xD7 ? c + 32 : c;
  if (c < 0x180) {
    if (c == 0x130)
      return 'i';
    if (c == 0x178)
      return 0xFF;
    auto capital_is_odd = (c >= 0x139 && c <= 0x148) || c >= 0x179;
    if (c == 0x138 || c == 0x149 || c == 0x17F)
      return c;
    return (c % 2 == 1) == capital_is_odd ? c + 1 : c;
  }
  if (c >= 0x386 && c <= 0x3AB) {
    if (c == 0x386)
      return 0x3AC;
    if (c >= 0x388 && c <= 0x38A)
      return c + 37;
    if (c == 0x38C)
      return 0x3CC;
    if (c == 0x38E || c == 0x38F)
      return c + 63;
    return c >= 0x391 && c != 0x3A2 ? c + 32 : c;
  }
  if (c >= 0x400 && c <= 0x40F)
    return c + 80;
  if (c >= 0x410 && c <= 0x42F)
    return c + 32;
  if ((c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F))
    return c % 2 == 0 ? c + 1 : c;
  if (c >= 0xFF21 && c <= 0xFF3A)
    return c + 32;
  return c;
}

char32_t bare_of(char32_t c) noexcept {
  if (c < 0xE0)
    return c;
  if (c >= 0xFF01 && c <= 0xFF5E)
    return c - 0xFEE0;
  auto found = std::find_if(std::begin(bare_letters), std::end(bare_letters), [c](const bare_range& x) {
    return c >= x.first && c <= x.last;
  });
  return found == std::end(bare_letters) ? c : found->bare;
}

} // namespace hub
