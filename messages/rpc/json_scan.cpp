#include "messages/rpc/json_scan.hpp"

#include "messages/rpc/sound_json.hpp"
#include "messages/rpc/text_search.hpp"
#include "messages/rpc/utf8.hpp"

#include <algorithm>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#ifdef __SSE2__
#  include <emmintrin.h>
#endif

namespace hub::rpc {

namespace {

constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// Ends a number or a word such as `true`.
constexpr bool ends_scalar(char c) noexcept {
  return is_space(c) || c == ',' || c == '}' || c == ']' || c == ':' || c == '"'
         || c == '{' || c == '[';
}

#ifdef __SSE2__

/// One bit for each of the 64 bytes at `pos`: whether it is `c`.
uint64_t bits_of(const char* pos, char c) noexcept {
  const auto wanted = _mm_set1_epi8(c);
  uint64_t result = 0;
  for (int i = 0; i < 4; ++i) {
    auto chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pos + 16 * i));
    auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(chunk, wanted)));
    result |= uint64_t{hits} << (16 * i);
  }
  return result;
}

/// The characters that are escaped, from the backslashes of a block: in each run
/// of backslashes every second one escapes nothing. `carry` tells whether the
/// first character is escaped by the block before, and then by this one.
uint64_t escaped_of(uint64_t backslashes, uint64_t& carry) noexcept {
  constexpr uint64_t even = 0x5555555555555555;
  backslashes &= ~carry;
  auto follows = backslashes << 1 | carry;
  auto odd_starts = backslashes & ~even & ~follows;
  // Adding carries each run that starts at an odd place to its end.
  uint64_t ends = 0;
  carry = __builtin_add_overflow(odd_starts, backslashes, &ends) ? 1 : 0;
  return (even ^ (ends << 1)) & follows;
}

#endif

/// The character behind the quote that ends a string, or null if none does.
/// `pos` is behind the quote that begins it.
const char* find_string_end(const char* pos, const char* end) noexcept {
#ifdef __SSE2__
  // Most strings are short and have no escapes.
  while (end - pos >= 16) {
    auto chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pos));
    auto quotes = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(chunk, _mm_set1_epi8('"'))));
    auto backslashes = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(chunk, _mm_set1_epi8('\\'))));
    // A quote below the lowest backslash is not escaped.
    if ((quotes & (backslashes - 1) & ~backslashes) != 0)
      return pos + __builtin_ctz(quotes) + 1;
    if (backslashes != 0 || end - pos >= 128)
      break;
    pos += 16;
  }
  uint64_t carry = 0;
  while (end - pos >= 64) {
    auto backslashes = bits_of(pos, '\\');
    auto escaped = carry;
    if (backslashes != 0)
      escaped = escaped_of(backslashes, carry);
    else
      carry = 0;
    if (auto quotes = bits_of(pos, '"') & ~escaped; quotes != 0)
      return pos + __builtin_ctzll(quotes) + 1;
    pos += 64;
  }
  pos += carry;
#endif
  while (pos < end) {
    if (*pos == '"')
      return pos + 1;
    pos += *pos == '\\' ? 2 : 1;
  }
  return nullptr;
}

/// Finds the next bracket or quote; these decide where a container ends.
const char* find_structure(const char* pos, const char* end) noexcept {
#ifdef __SSE2__
  // '[' 0x5B, '{' 0x7B, ']' 0x5D and '}' 0x7D: without bit 0x20 there are two.
  const auto fold = _mm_set1_epi8(static_cast<char>(~0x20));
  const auto open = _mm_set1_epi8('[');
  const auto close = _mm_set1_epi8(']');
  const auto quote = _mm_set1_epi8('"');
  while (end - pos >= 16) {
    auto chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pos));
    auto folded = _mm_and_si128(chunk, fold);
    auto hits = _mm_movemask_epi8(_mm_or_si128(
      _mm_cmpeq_epi8(chunk, quote),
      _mm_or_si128(_mm_cmpeq_epi8(folded, open), _mm_cmpeq_epi8(folded, close))));
    if (hits != 0)
      return pos + __builtin_ctz(static_cast<unsigned>(hits));
    pos += 16;
  }
#endif
  while (pos != end && *pos != '"' && *pos != '{' && *pos != '}' && *pos != '[' && *pos != ']')
    ++pos;
  return pos;
}

std::optional<uint32_t> hex4(std::string_view text) noexcept {
  uint32_t result = 0;
  if (text.size() < 4)
    return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + 4, result, 16);
  if (error != std::errc{} || end != text.data() + 4)
    return std::nullopt;
  return result;
}

/// Counts depth and nothing else.
struct depth_handler : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, depth_handler> {
  explicit depth_handler(size_t limit) : left(limit) {
    // nop
  }

  bool open() {
    return left-- != 0;
  }

  bool close() {
    ++left;
    return true;
  }

  bool StartObject() {
    return open();
  }

  bool EndObject(rapidjson::SizeType) {
    return close();
  }

  bool StartArray() {
    return open();
  }

  bool EndArray(rapidjson::SizeType) {
    return close();
  }

  size_t left;
};

} // namespace

char json_cursor::peek() noexcept {
  while (pos_ != end_ && is_space(*pos_))
    ++pos_;
  return pos_ != end_ ? *pos_ : '\0';
}

bool json_cursor::take(char c) noexcept {
  if (peek() != c || pos_ == end_)
    return false;
  ++pos_;
  return true;
}

bool json_cursor::at_end() noexcept {
  peek();
  return pos_ == end_;
}

bool json_cursor::skip_string() noexcept {
  auto stop = find_string_end(pos_ + 1, end_);
  pos_ = stop ? stop : end_;
  return stop != nullptr;
}

bool json_cursor::skip_container(size_t deepest) noexcept {
  // One bit a level tells objects from arrays.
  uint64_t is_object[max_depth / 64] = {};
  size_t depth = 0;
  for (;;) {
    pos_ = find_structure(pos_, end_);
    if (pos_ == end_)
      return false;
    switch (*pos_) {
      case '"':
        if (!skip_string())
          return false;
        continue;
      case '{':
      case '[': {
        if (depth == deepest)
          return false;
        auto bit = uint64_t{1} << (depth % 64);
        if (*pos_ == '{')
          is_object[depth / 64] |= bit;
        else
          is_object[depth / 64] &= ~bit;
        ++depth;
        break;
      }
      default: {
        --depth;
        auto object = (is_object[depth / 64] >> (depth % 64) & 1) != 0;
        if (object != (*pos_ == '}'))
          return false;
        break;
      }
    }
    ++pos_;
    if (depth == 0)
      return true;
  }
}

std::string_view json_cursor::value(size_t depth) noexcept {
  auto first = peek();
  auto begin = pos_;
  if (pos_ == end_)
    return {};
  if (first == '"') {
    if (!skip_string())
      return {};
  } else if (first == '{' || first == '[') {
    if (!skip_container(depth))
      return {};
  } else {
    while (pos_ != end_ && !ends_scalar(*pos_))
      ++pos_;
  }
  return {begin, static_cast<size_t>(pos_ - begin)};
}

std::string_view member(std::string_view object, std::string_view key) {
  std::string_view result;
  for_each_member(object, [&](const json_member& x) {
    if (x.key != key)
      return true;
    result = x.value;
    return false;
  });
  return result;
}

std::string_view rare_member(std::string_view object, std::string_view key) {
  return find_text(object, key) != std::string_view::npos ? member(object, key) : std::string_view{};
}

std::optional<std::string> check_json(std::string_view text, size_t depth) {
  if (!is_utf8(text))
    return "the text is not valid UTF-8";
  if (is_surely_json(text, depth))
    return std::nullopt;
  // The slow way tells what is wrong, and where.
  rapidjson::MemoryStream stream{text.data(), text.size()};
  rapidjson::Reader reader;
  depth_handler handler{depth};
  auto result = reader.Parse<rapidjson::kParseIterativeFlag>(stream, handler);
  if (!result.IsError())
    return std::nullopt;
  auto where = " at byte " + std::to_string(result.Offset());
  if (result.Code() == rapidjson::kParseErrorTermination)
    return "it is nested deeper than " + std::to_string(depth) + " levels" + where;
  return rapidjson::GetParseError_En(result.Code()) + where;
}

bool is_utf8(std::string_view text) noexcept {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::optional<std::string> unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"')
    return std::nullopt;
  text = text.substr(1, text.size() - 2);
  if (text.find('\\') == std::string_view::npos)
    return std::string{text};
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    if (++i == text.size())
      return std::nullopt;
    switch (text[i]) {
      case 'n': result += '\n'; break;
      case 't': result += '\t'; break;
      case 'r': result += '\r'; break;
      case 'b': result += '\b'; break;
      case 'f': result += '\f'; break;
      case 'u': {
        auto code = hex4(text.substr(i + 1));
        if (!code)
          return std::nullopt;
        i += 4;
        if (*code >= 0xD800 && *code < 0xDC00 && text.substr(i + 1, 2) == "\\u") {
          auto low = hex4(text.substr(i + 3));
          if (low && *low >= 0xDC00 && *low < 0xE000) {
            *code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
            i += 6;
          }
        }
        // A lone surrogate has no UTF-8 form.
        append_utf8(*code >= 0xD800 && *code < 0xE000 ? 0xFFFD : *code, result);
        break;
      }
      default: result += text[i]; break;
    }
  }
  return result;
}

void append_quoted(std::string& result, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  // What needs no escape is copied by the run: most texts are one.
  auto is_plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
  auto is_plain_ascii = [&](char c) { return is_plain(c) && static_cast<unsigned char>(c) < 0x80; };
  if (std::ranges::all_of(text, is_plain_ascii)) {
    result.append(1, '"').append(text).append(1, '"');
    return;
  }
  std::string replaced;
  if (!is_utf8(text)) {
    for (auto c : text) {
      if (static_cast<unsigned char>(c) < 0x80)
        replaced += c;
      else
        replaced += "\xEF\xBF\xBD";
    }
    text = replaced;
  }
  result += '"';
  for (size_t begin = 0; begin < text.size();) {
    auto end = begin;
    while (end < text.size() && is_plain(text[end]))
      ++end;
    result.append(text, begin, end - begin);
    if (end == text.size())
      break;
    switch (auto c = text[end]) {
      case '"': result += "\\\""; break;
      case '\\': result += "\\\\"; break;
      case '\n': result += "\\n"; break;
      case '\r': result += "\\r"; break;
      case '\t': result += "\\t"; break;
      default:
        result += "\\u00";
        result += hex[c >> 4];
        result += hex[c & 15];
    }
    begin = end + 1;
  }
  result += '"';
}

std::string quote(std::string_view text) {
  std::string result;
  result.reserve(text.size() + 2);
  append_quoted(result, text);
  return result;
}

std::optional<int64_t> to_integer(std::string_view text) noexcept {
  int64_t result = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return result;
}

} // namespace hub::rpc
