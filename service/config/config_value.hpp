#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

struct config_member;

/// One value of a configuration file (JSON, TOML or YAML) with its place in
/// the text. Trees are at most `max_depth` deep, so recursion over them is safe.
struct config_value {
  enum class kind { null, boolean, number, string, array, object };

  static constexpr size_t max_depth = 64;

  kind type = kind::null;

  bool boolean = false;

  /// The text of a string with its escapes undone, or of a number as written.
  std::string text;

  std::vector<config_value> items;

  /// In the order of the file. A key may stand here twice.
  std::vector<config_member> members;

  /// The span in the text of the file, in bytes. For TOML and YAML only `begin`
  /// is known and `end` equals it.
  size_t begin = 0;
  size_t end = 0;

  bool is(kind k) const noexcept {
    return type == k;
  }

  /// The value of the last member called `key`, or null.
  const config_value* find(std::string_view key) const noexcept;
  config_value* find(std::string_view key) noexcept;

  /// Gives `key` a new value, at its place or at the end.
  void set(std::string_view key, config_value value);

  /// Takes all members called `key` out.
  void erase(std::string_view key);

  static config_value of_string(std::string text, size_t begin = 0);
  static config_value of_number(std::string text, size_t begin = 0);
  static config_value of_boolean(bool value, size_t begin = 0);
  static config_value of_kind(kind k, size_t begin = 0);
};

/// A member of an object.
struct config_member {
  std::string key;

  /// Where the key stands in the text, in bytes.
  size_t key_begin = 0;

  config_value value;
};

/// `a string`, `an array` and so on, for messages.
std::string_view describe(config_value::kind k) noexcept;

/// Whether both have the same content, wherever they stand.
bool same_content(const config_value& a, const config_value& b);

/// The value as JSON over several lines, indented by two spaces per level.
std::string to_json(const config_value& value);

/// A line and a column, both from 1. Columns count characters, not bytes.
struct text_position {
  size_t line = 1;
  size_t column = 1;
};

/// Where the byte `offset` of `text` is; its end if `offset` is beyond.
text_position position_of(std::string_view text, size_t offset) noexcept;

/// `file:line:column` of the byte `offset` of `text`.
std::string place_of(std::string_view file, std::string_view text, size_t offset);

} // namespace hub
