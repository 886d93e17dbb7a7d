#include "messages/rpc/sound_json.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#ifdef __SSE2__
#  include <emmintrin.h>
#endif

namespace hub::rpc {

namespace {

constexpr size_t digits_max = 15;

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool is_hex(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Walks over a text; each function takes what it names, or returns false.
class sound_reader {
public:
  /// @param members Takes those of the outermost object; may be null.
  sound_reader(std::string_view text, json_members* members) noexcept
    : pos_(text.data()), end_(text.data() + text.size()), members_(members) {
    // nop
  }

  bool all(size_t depth) noexcept {
    // One bit a level tells objects from arrays.
    std::array<uint64_t, max_depth / 64> is_object{};
    size_t level = 0;
    depth = std::min(depth, max_depth);
    for (;;) {
      // A value is due here.
      auto c = next();
      if (c == '{' || c == '[') {
        if (level == depth)
          return false;
        auto bit = uint64_t{1} << (level % 64);
        auto& bits = is_object[level / 64];
        bits = c == '{' ? bits | bit : bits & ~bit;
        ++level;
        ++pos_;
        auto first = next();
        if (c == '{') {
          if (first != '}') {
            if (!key(level))
              return false;
            continue;
          }
        } else if (first != ']') {
          continue;
        }
      } else if (!scalar(c)) {
        return false;
      }
      // Behind a value, or before the end of an empty container.
      for (;;) {
        if (level == 1 && !key_.empty() && !take_member())
          return false;
        c = next();
        if (level == 0)
          return pos_ == end_;
        auto object = (is_object[(level - 1) / 64] >> ((level - 1) % 64) & 1) != 0;
        if (c == (object ? '}' : ']')) {
          ++pos_;
          --level;
          continue;
        }
        if (c != ',')
          return false;
        ++pos_;
        next();
        if (object && !key(level))
          return false;
        break;
      }
    }
  }

private:
  /// The next character that is no white space, or NUL at the end, which nothing takes.
  char next() noexcept {
    while (pos_ != end_ && (*pos_ == ' ' || *pos_ == '\n' || *pos_ == '\r' || *pos_ == '\t'))
      ++pos_;
    return pos_ != end_ ? *pos_ : '\0';
  }

  bool key(size_t level) noexcept {
    auto begin = pos_;
    if (pos_ == end_ || *pos_ != '"' || !string())
      return false;
    if (level == 1 && members_)
      key_ = {begin, static_cast<size_t>(pos_ - begin)};
    if (next() != ':')
      return false;
    ++pos_;
    if (level == 1) {
      next();
      value_ = pos_;
    }
    return true;
  }

  /// A value of the outermost object is complete.
  bool take_member() noexcept {
    if (members_->size() == members_->capacity())
      return false;
    members_->push_back({key_.substr(1, key_.size() - 2), {value_, static_cast<size_t>(pos_ - value_)}});
    key_ = {};
    return true;
  }

  bool scalar(char c) noexcept {
    switch (c) {
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  bool word(std::string_view expected) noexcept {
    if (std::string_view{pos_, static_cast<size_t>(end_ - pos_)}.substr(0, expected.size()) != expected)
      return false;
    pos_ += expected.size();
    return true;
  }

  size_t digits() noexcept {
    auto begin = pos_;
    while (pos_ != end_ && is_digit(*pos_))
      ++pos_;
    return static_cast<size_t>(pos_ - begin);
  }

  bool number() noexcept {
    if (pos_ != end_ && *pos_ == '-')
      ++pos_;
    auto leading_zero = pos_ != end_ && *pos_ == '0';
    auto count = digits();
    if (count == 0 || (leading_zero && count > 1))
      return false;
    if (pos_ != end_ && *pos_ == '.') {
      ++pos_;
      auto fraction = digits();
      if (fraction == 0)
        return false;
      count += fraction;
    }
    // The next character says whether there is more, such as an exponent: nothing that
    // may follow a value begins like it.
    return count <= digits_max;
  }

  bool string() noexcept {
    ++pos_;
    for (;;) {
      skip_plain();
      if (pos_ == end_)
        return false;
      if (*pos_ == '"') {
        ++pos_;
        return true;
      }
      if (*pos_ != '\\' || !escape())
        return false;
    }
  }

  bool escape() noexcept {
    if (end_ - pos_ < 2)
      return false;
    switch (pos_[1]) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        pos_ += 2;
        return true;
      case 'u':
        // Surrogates come in pairs and begin with a D.
        if (end_ - pos_ < 6 || pos_[2] == 'd' || pos_[2] == 'D' || !is_hex(pos_[2]) || !is_hex(pos_[3])
            || !is_hex(pos_[4]) || !is_hex(pos_[5]))
          return false;
        pos_ += 6;
        return true;
      default:
        return false;
    }
  }

  /// Goes on to the next quote, backslash or control character.
  void skip_plain() noexcept {
#ifdef __SSE2__
    const auto quote = _mm_set1_epi8('"');
    const auto backslash = _mm_set1_epi8('\\');
    const auto last_control = _mm_set1_epi8(0x1F);
    while (end_ - pos_ >= 16) {
      auto chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pos_));
      auto hits = _mm_movemask_epi8(
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(chunk, quote), _mm_cmpeq_epi8(chunk, backslash)),
                     _mm_cmpeq_epi8(_mm_min_epu8(chunk, last_control), chunk)));
      if (hits != 0) {
        pos_ += __builtin_ctz(static_cast<unsigned>(hits));
        return;
      }
      pos_ += 16;
    }
#endif
    while (pos_ != end_ && *pos_ != '"' && *pos_ != '\\' && static_cast<unsigned char>(*pos_) >= 0x20)
      ++pos_;
  }

  const char* pos_;
  const char* end_;
  json_members* members_;

  /// Of the outermost object, with its quotes; empty if its value was taken.
  std::string_view key_;

  /// Where the value of that key begins.
  const char* value_ = nullptr;
};

} // namespace

bool is_surely_json(std::string_view text, size_t depth) noexcept {
  return sound_reader{text, nullptr}.all(depth);
}

bool is_surely_object(std::string_view text, size_t depth, json_members& members) noexcept {
  members.clear();
  auto first = text.find_first_not_of(" \n\r\t");
  return first != std::string_view::npos && text[first] == '{' && sound_reader{text, &members}.all(depth);
}

} // namespace hub::rpc
