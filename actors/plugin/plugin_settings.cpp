#include "actors/plugin/plugin_settings.hpp"

#include "messages/rpc/json_scan.hpp"

namespace hub {

namespace {

/// Whether a value is of a type as JSON Schema names them.
bool is_of_type(std::string_view value, std::string_view type) {
  auto first = value.front();
  if (type == "object")
    return first == '{';
  if (type == "array")
    return first == '[';
  if (type == "string")
    return first == '"';
  if (type == "boolean")
    return first == 't' || first == 'f';
  if (type == "null")
    return first == 'n';
  auto is_number = first == '-' || (first >= '0' && first <= '9');
  if (type == "integer")
    return is_number && value.find_first_of(".eE") == std::string_view::npos;
  // A word that is not of JSON Schema forbids nothing.
  return type != "number" || is_number;
}

/// Calls `f` with each string of a JSON value that is one, or an array of them.
template <class F>
void for_each_word(std::string_view json, F f) {
  if (auto one = rpc::unquote(json)) {
    f(*one);
    return;
  }
  rpc::for_each_element(json, [&](std::string_view x) {
    if (auto word = rpc::unquote(x))
      f(*word);
    return true;
  });
}

std::optional<std::string> check_value(const std::string& name, std::string_view value, std::string_view schema) {
  auto fits = false;
  std::string types;
  for_each_word(rpc::member(schema, "type"), [&](const std::string& type) {
    fits = fits || is_of_type(value, type);
    types += (types.empty() ? "" : " or ") + type;
  });
  if (!types.empty() && !fits)
    return "setting " + name + " is not of type " + types;
  auto choices = rpc::member(schema, "enum");
  if (choices.empty())
    return std::nullopt;
  auto chosen = false;
  rpc::for_each_element(choices, [&](std::string_view x) {
    auto text = rpc::unquote(x);
    chosen = x == value || (text && text == rpc::unquote(value));
    return !chosen;
  });
  if (chosen)
    return std::nullopt;
  return "setting " + name + " is none of " + std::string{choices};
}

} // namespace

std::optional<std::string> check_settings(std::string_view settings, std::string_view schema) {
  if (schema.empty())
    return std::nullopt;
  std::optional<std::string> result;
  for_each_word(rpc::member(schema, "required"), [&](const std::string& name) {
    if (!result && rpc::member(settings, name).empty())
      result = "setting " + name + " is missing";
  });
  auto properties = rpc::member(schema, "properties");
  auto closed = rpc::member(schema, "additionalProperties") == "false";
  rpc::for_each_member(settings, [&](rpc::json_member x) {
    if (result)
      return false;
    auto name = rpc::unquote("\"" + std::string{x.key} + "\"").value_or("");
    auto expected = rpc::member(properties, name);
    if (expected.empty() && closed)
      result = "setting " + name + " is not known";
    else if (!expected.empty())
      result = check_value(name, x.value, expected);
    return !result;
  });
  return result;
}

} // namespace hub
