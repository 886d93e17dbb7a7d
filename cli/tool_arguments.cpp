#include "cli/tool_arguments.hpp"

#include "cli/exit_code.hpp"
#include "cli/json_fields.hpp"
#include "messages/rpc/json_scan.hpp"

#include <set>

namespace hub::cli {

namespace {

/// Whether `text` is one JSON value with nothing around it.
bool is_json(const std::string& text) {
  return !text.empty() && !rpc::check_json(text);
}

} // namespace

std::string tool_arguments(const std::vector<std::string>& words) {
  if (words.empty())
    return "{}";
  if (words.size() == 1 && words[0].find_first_of("{[") == 0)
    return checked_object(words[0]);
  std::string result = "{";
  std::set<std::string> seen;
  for (auto& word : words) {
    auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
      throw command_error{"'" + word + "' is no argument for the tool; write key=value, or all of them as one JSON object",
                          exit_code::usage};
    auto key = word.substr(0, equals);
    auto value = word.substr(equals + 1);
    if (!rpc::is_utf8(word))
      throw command_error{"argument '" + key + "' is not UTF-8; set a UTF-8 locale in the terminal", exit_code::usage};
    if (!seen.insert(key).second)
      throw command_error{"argument '" + key + "' is given twice; for a list write " + key + "='[1,2]'", exit_code::usage};
    append_member(result, key, is_json(value) ? value : rpc::quote(value));
  }
  return result + '}';
}

std::string checked_object(std::string text) {
  if (auto wrong = rpc::check_json(text))
    throw command_error{"the arguments are not JSON: " + *wrong + "; give an object such as '{\"text\":\"hello\"}'",
                        exit_code::usage};
  if (rpc::json_cursor{text}.peek() != '{')
    throw command_error{"the arguments must be a JSON object, such as '{\"text\":\"hello\"}'", exit_code::usage};
  return text;
}

} // namespace hub::cli
