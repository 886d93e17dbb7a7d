#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// Something wrong in a file, a setting or the environment, told to the user.
/// Warnings have the same shape.
struct config_error {
  /// Where: `file:line:column` (both from 1, columns in characters), the name
  /// of a file, or the name of an environment variable.
  std::string where;

  /// What is wrong. Never a secret.
  std::string cause;

  /// What the user can do about it.
  std::string fix;
};

/// The error in one line: `where: cause; fix`. Control characters become `?`.
std::string to_string(const config_error& error);

/// All errors, one per line, without a line feed at the end.
std::string to_string(const std::vector<config_error>& errors);

/// A value, or the errors that prevented it (at least one).
template <class T>
class config_result {
public:
  config_result(T value) : value_(std::move(value)) {
    // nop
  }

  config_result(config_error error) {
    errors_.push_back(std::move(error));
  }

  /// `errors` must not be empty.
  config_result(std::vector<config_error> errors) : errors_(std::move(errors)) {
    // nop
  }

  explicit operator bool() const noexcept {
    return value_.has_value();
  }

  /// The value; there must be one.
  T& operator*() & {
    return *value_;
  }

  const T& operator*() const& {
    return *value_;
  }

  T&& operator*() && {
    return *std::move(value_);
  }

  T* operator->() {
    return &*value_;
  }

  const T* operator->() const {
    return &*value_;
  }

  /// Empty if there is a value.
  const std::vector<config_error>& errors() const noexcept {
    return errors_;
  }

private:
  std::optional<T> value_;
  std::vector<config_error> errors_;
};

} // namespace hub
