#include "service/config/value_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace hub {

namespace {

std::optional<double> to_double(const std::string& text) {
  double result = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(result))
    return std::nullopt;
  return result;
}

std::string range(const char* what, const std::string& min, const std::string& max) {
  return std::string{what} + " from " + min + " to " + max;
}

std::vector<config_error> texts_of(const std::multimap<size_t, config_error>& findings) {
  std::vector<config_error> result;
  for (auto& [offset, finding] : findings)
    result.push_back(finding);
  return result;
}

/// 1.5 as `1.5` and 3.0 as `3`.
std::string to_text(double x) {
  char buffer[64];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, x);
  return {buffer, error == std::errc{} ? end : buffer};
}

} // namespace

std::vector<config_error> value_reader::errors() const {
  return texts_of(errors_);
}

std::vector<config_error> value_reader::warnings() const {
  return texts_of(warnings_);
}

size_t value_reader::line_of(size_t offset) {
  offset = std::min(offset, source_.text.size());
  if (offset < last_offset_) {
    last_offset_ = 0;
    last_line_ = 1;
  }
  auto between = source_.text.substr(last_offset_, offset - last_offset_);
  last_line_ += static_cast<size_t>(std::count(between.begin(), between.end(), '\n'));
  last_offset_ = offset;
  return last_line_;
}

void value_reader::fail(size_t offset, std::string cause, std::string fix) {
  errors_.emplace(offset, at(offset, std::move(cause), std::move(fix)));
}

void value_reader::warn(size_t offset, std::string cause, std::string fix) {
  warnings_.emplace(offset, at(offset, std::move(cause), std::move(fix)));
}

config_error value_reader::at(size_t offset, std::string cause, std::string fix) const {
  return {place_of(source_.file, source_.text, offset), std::move(cause), std::move(fix)};
}

void value_reader::wrong_type(const config_value& x, const std::string& label,
                              std::string_view wanted, std::string fix) {
  auto cause = label + " is " + std::string{describe(x.type)} + ", not ";
  fail(x.begin, cause.append(wanted), std::move(fix));
}

std::optional<std::string> value_reader::string(const config_value& x,
                                                const std::string& label) {
  if (!x.is(config_value::kind::string)) {
    wrong_type(x, label, "a string", "put the value in double quotes");
    return std::nullopt;
  }
  if (x.text.find('\0') != std::string::npos) {
    fail(x.begin, label + " has a zero byte", "remove \\u0000");
    return std::nullopt;
  }
  return x.text;
}

std::optional<bool> value_reader::boolean(const config_value& x, const std::string& label) {
  if (x.is(config_value::kind::boolean))
    return x.boolean;
  wrong_type(x, label, "true or false", "write true or false without quotes");
  return std::nullopt;
}

std::optional<int64_t> value_reader::integer(const config_value& x, const std::string& label,
                                             int64_t min, int64_t max) {
  auto wanted = range("a whole number", std::to_string(min), std::to_string(max));
  if (!x.is(config_value::kind::number)) {
    wrong_type(x, label, wanted, "write it without quotes");
    return std::nullopt;
  }
  auto value = to_double(x.text);
  if (!value || std::floor(*value) != *value || *value < static_cast<double>(min)
      || *value > static_cast<double>(max)) {
    fail(x.begin, label + " is " + x.text + ", not " + wanted, "write a number of that range");
    return std::nullopt;
  }
  return static_cast<int64_t>(*value);
}

std::optional<double> value_reader::number(const config_value& x, const std::string& label,
                                           double min, double max) {
  auto wanted = range("a number", to_text(min), to_text(max));
  if (!x.is(config_value::kind::number)) {
    wrong_type(x, label, wanted, "write it without quotes");
    return std::nullopt;
  }
  auto value = to_double(x.text);
  if (!value || *value < min || *value > max) {
    fail(x.begin, label + " is " + x.text + ", not " + wanted, "write a number of that range");
    return std::nullopt;
  }
  return value;
}

std::vector<std::string> value_reader::strings(const config_value& x,
                                               const std::string& label) {
  std::vector<std::string> result;
  if (!x.is(config_value::kind::array)) {
    wrong_type(x, label, "an array of strings", "write it like [\"one\", \"two\"]");
    return result;
  }
  for (size_t i = 0; i < x.items.size(); ++i)
    if (auto text = string(x.items[i], label + "[" + std::to_string(i) + "]"))
      result.push_back(std::move(*text));
  return result;
}

std::vector<std::pair<std::string, std::string>>
value_reader::string_pairs(const config_value& x, const std::string& label) {
  std::vector<std::pair<std::string, std::string>> result;
  if (!x.is(config_value::kind::object)) {
    wrong_type(x, label, "an object", "write it like {\"NAME\": \"value\"}");
    return result;
  }
  check_unique(x, label);
  for (auto& [key, key_begin, value] : x.members) {
    if (value.is(config_value::kind::number))
      result.emplace_back(key, value.text);
    else if (auto text = string(value, label + "." + key))
      result.emplace_back(key, std::move(*text));
  }
  return result;
}

void value_reader::check_unique(const config_value& object, const std::string& label) {
  std::set<std::string_view> seen;
  for (auto& member : object.members)
    if (!seen.insert(member.key).second)
      fail(member.key_begin, label + " has \"" + member.key + "\" twice",
           "remove or rename one of them");
}

} // namespace hub
