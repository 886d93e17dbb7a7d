#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hub::rpc {

/// The deepest nesting that a message from anywhere may have.
inline constexpr size_t max_depth = 512;

/// Walks over JSON text by spans and builds no tree. What it skips is checked
/// for balanced brackets and closed strings only; `check_json` checks it all.
class json_cursor {
public:
  explicit json_cursor(std::string_view text) noexcept
    : pos_(text.data()), end_(text.data() + text.size()) {
    // nop
  }

  /// Skips white space and tells the next character, or 0 at the end.
  char peek() noexcept;

  /// Skips one value and returns its span, without white space around it;
  /// an empty span if there is none or it is broken or nested deeper than `depth`,
  /// which is at most `max_depth`.
  std::string_view value(size_t depth = max_depth) noexcept;

  /// Takes `c` if it is next.
  bool take(char c) noexcept;

  /// True after the last character.
  bool at_end() noexcept;

private:
  bool skip_string() noexcept;
  bool skip_container(size_t deepest) noexcept;

  const char* pos_;
  const char* end_;
};

/// One member of an object: the key between its quotes, unescaped only if it
/// needs to be compared, and the span of the value.
struct json_member {
  std::string_view key;
  std::string_view value;
};

/// Calls `f(json_member)` for each member of the object `text`, in order, until
/// `f` returns false. Returns false if `text` is not an object.
template <class F>
bool for_each_member(std::string_view text, F&& f);

/// The same for the object at which `cursor` stands, which must be at most `depth` deep;
/// `cursor` is behind it afterwards, unless `f` has ended the walk.
template <class F>
bool for_each_member(json_cursor& cursor, size_t depth, F&& f);

/// Calls `f(std::string_view)` for each element of the array `text`.
template <class F>
bool for_each_element(std::string_view text, F&& f);

/// The value of the first member called `key`, or an empty span.
std::string_view member(std::string_view object, std::string_view key);

/// The same for a member that is rarely there: where `text` does not hold `key` at all, which
/// is found out faster, it is not walked over.
std::string_view rare_member(std::string_view object, std::string_view key);

/// Whether `text` is well-formed JSON in UTF-8 and at most `depth` deep.
/// Returns what is wrong and where, or nothing.
std::optional<std::string> check_json(std::string_view text, size_t depth = 128);

/// Whether `text` is valid UTF-8.
bool is_utf8(std::string_view text) noexcept;

/// The text of a JSON string with its escapes undone; nothing if `text` is not
/// a string.
std::optional<std::string> unquote(std::string_view text);

/// `text` as a JSON string with quotes. Invalid UTF-8 is replaced.
std::string quote(std::string_view text);

/// Appends the same to a text.
void append_quoted(std::string& to, std::string_view text);

/// An integer, if `text` is one and fits.
std::optional<int64_t> to_integer(std::string_view text) noexcept;

// -- implementation -----------------------------------------------------------

template <class F>
bool for_each_member(std::string_view text, F&& f) {
  json_cursor cursor{text};
  return for_each_member(cursor, max_depth, std::forward<F>(f));
}

template <class F>
bool for_each_member(json_cursor& cursor, size_t depth, F&& f) {
  if (!cursor.take('{'))
    return false;
  if (cursor.take('}'))
    return true;
  do {
    if (cursor.peek() != '"')
      return false;
    auto key = cursor.value();
    if (key.size() < 2 || !cursor.take(':'))
      return false;
    auto value = cursor.value(depth - 1);
    if (value.empty())
      return false;
    if (!f(json_member{key.substr(1, key.size() - 2), value}))
      return true;
  } while (cursor.take(','));
  return cursor.take('}');
}

template <class F>
bool for_each_element(std::string_view text, F&& f) {
  json_cursor cursor{text};
  if (!cursor.take('['))
    return false;
  if (cursor.take(']'))
    return true;
  do {
    auto value = cursor.value();
    if (value.empty())
      return false;
    if (!f(value))
      return true;
  } while (cursor.take(','));
  return cursor.take(']');
}

} // namespace hub::rpc
