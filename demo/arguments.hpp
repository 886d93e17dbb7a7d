#pragma once

#include <rapidjson/document.h>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hub::demo {

/// An argument that is missing or wrong. The text names it and says what fits.
class bad_argument : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The arguments of one call, read by name with their types checked.
class arguments {
public:
  /// `object` may be null or any JSON value; anything but an object has no
  /// members. It must outlive this object.
  explicit arguments(const rapidjson::Value* object) noexcept;

  /// A string that must be there. Throws `bad_argument`.
  std::string_view text(std::string_view name) const;

  /// A string, or `otherwise` if it is not there. Throws `bad_argument` for
  /// another type.
  std::string_view text_or(std::string_view name, std::string_view otherwise) const;

  /// A number that must be there. Throws `bad_argument`.
  double number(std::string_view name) const;

  /// A whole number from `least` to `most`, or `otherwise` if it is not there.
  /// Throws `bad_argument`.
  int integer_or(std::string_view name, int otherwise, int least, int most) const;

private:
  const rapidjson::Value* find(std::string_view name) const;

  const rapidjson::Value* object_;
};

} // namespace hub::demo
