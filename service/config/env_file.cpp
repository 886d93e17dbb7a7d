#include "service/config/env_file.hpp"

#include <algorithm>
#include <optional>

namespace hub {

namespace {

constexpr std::string_view blank = " \t\r\f\v";

std::string_view trim(std::string_view text) {
  auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// The text between the quotes that `text` starts with; nothing if they are not
/// closed, or if something other than a comment follows.
std::optional<std::string_view> unquoted(std::string_view text) {
  auto quote = text.front();
  auto close = text.find(quote, 1);
  if (close == std::string_view::npos)
    return std::nullopt;
  auto rest = text.substr(close + 1);
  auto after = trim(rest);
  if (after.empty() || (after.front() == '#' && after.size() < rest.size()))
    return text.substr(1, close - 1);
  // A quote within the quotes.
  if (text.back() == quote)
    return text.substr(1, text.size() - 2);
  return std::nullopt;
}

/// `NAME=#1` is a value, `NAME= # one` is a comment.
std::string_view without_comment(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i)
    if (text[i] == '#' && blank.find(text[i - 1]) != std::string_view::npos)
      return trim(text.substr(0, i));
  return trim(text);
}

} // namespace

bool is_variable_name(std::string_view name) noexcept {
  auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name.front())
         && std::all_of(name.begin(), name.end(),
                        [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

env_assignments read_env_lines(std::string_view text, const std::string& file) {
  env_assignments result;
  if (text.substr(0, 3) == "\xEF\xBB\xBF")
    text.remove_prefix(3);
  for (size_t number = 1; !text.empty(); ++number) {
    auto size = std::min(text.find('\n'), text.size());
    auto line = trim(text.substr(0, size));
    text.remove_prefix(std::min(size + 1, text.size()));
    if (line.empty() || line.front() == '#')
      continue;
    auto warn = [&](const char* cause, const char* fix) {
      result.warnings.push_back({file + ":" + std::to_string(number), cause, fix});
    };
    if (line.substr(0, 6) == "export" && line.size() > 6
        && blank.find(line[6]) != std::string_view::npos)
      line = trim(line.substr(6));
    auto equals = line.find('=');
    auto name = trim(line.substr(0, equals));
    if (equals == std::string_view::npos || !is_variable_name(name)) {
      warn("the line is no assignment and is skipped", "write NAME=value, or start it with #");
      continue;
    }
    auto written = line.substr(equals + 1);
    auto value = trim(written);
    if (value.find('\0') != std::string_view::npos) {
      warn("the value has a zero byte and is skipped", "write it as text");
      continue;
    }
    if (!value.empty() && (value.front() == '"' || value.front() == '\'')) {
      if (auto inner = unquoted(value)) {
        value = *inner;
      } else {
        warn("the quotes do not match, so they belong to the value",
             "end the value with the quote that it starts with");
      }
    } else {
      value = without_comment(written);
    }
    result.values.insert_or_assign(std::string{name}, std::string{value});
  }
  return result;
}

} // namespace hub
