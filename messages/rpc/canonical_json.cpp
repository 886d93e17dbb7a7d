#include "messages/rpc/canonical_json.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace hub::rpc {

namespace {

/// The largest integer up to which a double has each one.
constexpr double exact_integers = 9007199254740992.0;

/// Digits that any double can be told from the others by.
constexpr size_t exact_digits = 17;

/// Deeper texts have no canonical form here.
constexpr size_t deepest = 128;

/// Where the UTF-16 form of a character sorts among others: those beyond the basic plane
/// become surrogates, which are less than U+E000 to U+FFFF.
uint32_t utf16_rank(uint32_t c) {
  return c > 0xFFFF ? 0xD800 : c >= 0xE000 ? c + 0x1'0000 : c;
}

/// Takes the next character off valid UTF-8.
uint32_t next_character(std::string_view& text) {
  auto first = static_cast<unsigned char>(text.front());
  size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  uint32_t c = size == 1 ? first : first & (0xFFu >> (size + 1));
  for (size_t i = 1; i < size; ++i)
    c = c << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  text.remove_prefix(size);
  return c;
}

/// Whether `a` is before `b` by UTF-16 code units.
bool utf16_less(std::string_view a, std::string_view b) {
  // Equal starts compare alike in both encodings, from the start of a character on.
  auto end = std::min(a.size(), b.size());
  size_t same = 0;
  while (same < end && a[same] == b[same])
    ++same;
  while (same > 0 && same < a.size() && (static_cast<unsigned char>(a[same]) & 0xC0) == 0x80)
    --same;
  a.remove_prefix(same);
  b.remove_prefix(same);
  if (a.empty() || b.empty())
    return a.empty() && !b.empty();
  auto x = next_character(a);
  auto y = next_character(b);
  return std::pair{utf16_rank(x), x} < std::pair{utf16_rank(y), y};
}

void write_string(std::string_view text, std::string& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  for (auto c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += hex[static_cast<unsigned char>(c) >> 4];
          out += hex[static_cast<unsigned char>(c) & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

/// The code unit that an escape such as `\u00e9` at `i` stands for; 0 for any other text.
uint32_t escaped_unit(std::string_view text, size_t i) {
  uint32_t unit = 0;
  if (text.substr(i, 2) == "\\u" && text.size() - i >= 6)
    std::from_chars(text.data() + i + 2, text.data() + i + 6, unit, 16);
  return unit;
}

/// Whether a string escapes half a surrogate pair.
bool has_half_pair(std::string_view quoted) {
  for (auto i = quoted.find('\\'); i != std::string_view::npos; i = quoted.find('\\', i)) {
    auto unit = escaped_unit(quoted, i);
    if (unit < 0xD800 || unit > 0xDFFF) {
      i += 2;
      continue;
    }
    auto low = escaped_unit(quoted, i + 6);
    if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
      return true;
    i += 12;
  }
  return false;
}

/// Undoes the escapes of a string; nothing if it has half a surrogate pair.
std::optional<std::string> plain_text(std::string_view quoted) {
  return has_half_pair(quoted) ? std::nullopt : unquote(quoted);
}

bool write_number(std::string_view text, std::string& out) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range && text.find_first_of("123456789") == std::string_view::npos)
    value = 0;
  else if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return false;
  auto mantissa = text.substr(0, text.find_first_of("eE"));
  auto is_integer = mantissa.size() == text.size() && text.find('.') == std::string_view::npos;
  if (is_integer && std::abs(value) > exact_integers)
    return false;
  if (is_integer && std::abs(value) == exact_integers && !text.ends_with('2'))
    return false;
  auto first = mantissa.find_first_of("123456789");
  auto digits = first == std::string_view::npos
                  ? 0
                  : static_cast<size_t>(std::count_if(mantissa.begin() + static_cast<ptrdiff_t>(first), mantissa.end(),
                                                      [](char c) { return c != '.'; }));
  if (digits > exact_digits)
    return false;
  if (value == 0 && digits != 0)
    return false;
  out += canonical_number(value);
  return true;
}

bool write_value(std::string_view text, size_t depth, std::string& out);

bool write_object(std::string_view text, size_t depth, std::string& out) {
  std::vector<std::pair<std::string, std::string_view>> members;
  auto sound = true;
  auto whole = for_each_member(text, [&](const json_member& x) {
    // The key stands between its quotes.
    auto key = plain_text({x.key.data() - 1, x.key.size() + 2});
    sound = key.has_value();
    if (sound)
      members.emplace_back(std::move(*key), x.value);
    return sound;
  });
  if (!whole || !sound)
    return false;
  std::ranges::sort(members, [](auto& a, auto& b) { return utf16_less(a.first, b.first); });
  auto same_name = [](auto& a, auto& b) { return a.first == b.first; };
  if (std::ranges::adjacent_find(members, same_name) != members.end())
    return false;
  out += '{';
  for (auto& [key, value] : members) {
    if (&key != &members.front().first)
      out += ',';
    write_string(key, out);
    out += ':';
    if (!write_value(value, depth - 1, out))
      return false;
  }
  out += '}';
  return true;
}

bool write_array(std::string_view text, size_t depth, std::string& out) {
  auto first = true;
  auto sound = true;
  out += '[';
  auto whole = for_each_element(text, [&](std::string_view x) {
    if (!std::exchange(first, false))
      out += ',';
    sound = write_value(x, depth - 1, out);
    return sound;
  });
  out += ']';
  return whole && sound;
}

bool write_value(std::string_view text, size_t depth, std::string& out) {
  if (text.empty() || depth == 0)
    return false;
  switch (text.front()) {
    case '{':
      return write_object(text, depth, out);
    case '[':
      return write_array(text, depth, out);
    case '"': {
      auto plain = plain_text(text);
      if (plain)
        write_string(*plain, out);
      return plain.has_value();
    }
    default:
      if (text == "true" || text == "false" || text == "null") {
        out += text;
        return true;
      }
      return write_number(text, out);
  }
}

} // namespace

std::string canonical_number(double x) {
  // ECMA-262, Number::toString: d are the fewest digits that tell the number from all
  // others, and the point stands behind the n-th of them.
  if (x == 0)
    return "0";
  char buffer[32];
  auto* end = std::to_chars(buffer, buffer + sizeof buffer, std::abs(x), std::chars_format::scientific).ptr;
  std::string_view text{buffer, static_cast<size_t>(end - buffer)};
  auto e = text.find('e');
  std::string d{text.substr(0, 1)};
  if (e > 2)
    d += text.substr(2, e - 2);
  int exponent = 0;
  auto digits = text.substr(text[e + 1] == '+' ? e + 2 : e + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  auto n = exponent + 1;
  auto k = static_cast<int>(d.size());
  std::string result = x < 0 ? "-" : "";
  auto at = [](int i) { return static_cast<size_t>(i); };
  if (k <= n && n <= 21)
    return result + d + std::string(at(n - k), '0');
  if (0 < n && n <= 21)
    return result + d.substr(0, at(n)) + '.' + d.substr(at(n));
  if (-6 < n && n <= 0)
    return result + "0." + std::string(at(-n), '0') + d;
  result += d.substr(0, 1);
  if (k > 1)
    result += '.' + d.substr(1);
  return result + 'e' + (n > 0 ? "+" : "-") + std::to_string(std::abs(n - 1));
}

std::optional<std::string> canonical_json(std::string_view text) {
  if (check_json(text, deepest))
    return std::nullopt;
  json_cursor cursor{text};
  std::string result;
  result.reserve(text.size());
  if (!write_value(cursor.value(), deepest + 1, result))
    return std::nullopt;
  return result;
}

} // namespace hub::rpc
