#pragma once

#include "service/config/config_error.hpp"
#include "service/config/config_value.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

/// The text that a tree was read from, for places in messages. Both outlive it.
struct source_text {
  std::string_view file;
  std::string_view text;
};

/// Takes typed values out of a tree and collects what is wrong with them. The
/// `label` of a value is what messages call it, such as `port`.
class value_reader {
public:
  explicit value_reader(source_text source) : source_(source) {
    // nop
  }

  /// Notes an error about the value at byte `offset`.
  void fail(size_t offset, std::string cause, std::string fix);

  /// Notes a warning about the value at byte `offset`.
  void warn(size_t offset, std::string cause, std::string fix);

  /// A string without zero bytes, which could reach no program.
  std::optional<std::string> string(const config_value& x, const std::string& label);

  std::optional<bool> boolean(const config_value& x, const std::string& label);

  /// A whole number from `min` to `max`.
  std::optional<int64_t> integer(const config_value& x, const std::string& label, int64_t min,
                                 int64_t max);

  /// A number from `min` to `max`.
  std::optional<double> number(const config_value& x, const std::string& label, double min,
                               double max);

  /// The strings of an array.
  std::vector<std::string> strings(const config_value& x, const std::string& label);

  /// The members of an object whose values are strings, or numbers as written.
  std::vector<std::pair<std::string, std::string>> string_pairs(const config_value& x,
                                                                const std::string& label);

  /// Notes each key that an object has twice.
  void check_unique(const config_value& object, const std::string& label);

  /// Notes that `x` should have been something else.
  void wrong_type(const config_value& x, const std::string& label, std::string_view wanted,
                  std::string fix);

  /// The line of the byte `offset`, from 1. Asking in the order of the file is
  /// cheap.
  size_t line_of(size_t offset);

  const source_text& source() const noexcept {
    return source_;
  }

  size_t error_count() const noexcept {
    return errors_.size();
  }

  /// All errors in the order of the file.
  std::vector<config_error> errors() const;

  /// All warnings in the order of the file.
  std::vector<config_error> warnings() const;

private:
  using findings = std::multimap<size_t, config_error>;

  config_error at(size_t offset, std::string cause, std::string fix) const;

  source_text source_;

  /// What `line_of` found last.
  size_t last_offset_ = 0;
  size_t last_line_ = 1;

  /// By the byte offset that each is about.
  findings errors_;
  findings warnings_;
};

} // namespace hub
