#include "actors/catalog/tool_signature.hpp"

#include "actors/catalog/text_analysis.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <vector>

namespace hub {

namespace {

constexpr size_t parameter_limit = 8;
constexpr size_t choice_limit = 4;
constexpr size_t sentence_limit = 120;

/// Bytes of one parameter with its type.
constexpr size_t parameter_size_limit = 60;

std::string join(const std::vector<std::string>& words, std::string_view between) {
  std::string result;
  for (auto& word : words) {
    if (!result.empty())
      result += between;
    result += word;
  }
  return result;
}

/// The values of an `enum`, as they would be written; empty if there are many.
std::string choices(std::string_view values) {
  std::vector<std::string> result;
  rpc::for_each_element(values, [&](std::string_view x) {
    result.emplace_back(x);
    return result.size() <= choice_limit;
  });
  return result.size() > choice_limit ? std::string{} : join(result, "|");
}

void add_type(std::vector<std::string>& types, std::string type) {
  if (!type.empty() && type != "null" && std::find(types.begin(), types.end(), type) == types.end())
    types.push_back(std::move(type));
}

/// What may be given for a parameter; empty if its schema does not say.
/// @param depth How many more levels of arrays and alternatives to follow.
std::string type_of(std::string_view schema, int depth) {
  if (depth == 0)
    return {};
  if (auto result = choices(rpc::member(schema, "enum")); !result.empty())
    return result;
  std::vector<std::string> types;
  auto type = rpc::member(schema, "type");
  add_type(types, rpc::unquote(type).value_or(""));
  rpc::for_each_element(type, [&](std::string_view x) {
    add_type(types, rpc::unquote(x).value_or(""));
    return true;
  });
  for (std::string_view key : {"anyOf", "oneOf"}) {
    rpc::for_each_element(rpc::member(schema, key), [&](std::string_view x) {
      add_type(types, type_of(x, depth - 1));
      return types.size() < choice_limit;
    });
  }
  for (auto& x : types)
    if (x == "array")
      x = type_of(rpc::member(schema, "items"), depth - 1) + "[]";
  return join(types, "|");
}

std::vector<std::string> required_names(std::string_view schema) {
  std::vector<std::string> result;
  rpc::for_each_element(rpc::member(schema, "required"), [&](std::string_view x) {
    result.push_back(rpc::unquote(x).value_or(""));
    return true;
  });
  return result;
}

} // namespace

std::string first_sentence(std::string_view text, size_t limit) {
  std::string result;
  for (auto c : text) {
    auto is_space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    // The first paragraph is enough, and so is the first sentence.
    if (is_space && !result.empty() && (c == '\n' || result.back() == '.' || result.back() == '!'))
      break;
    if (!is_space)
      result += c;
    else if (!result.empty() && result.back() != ' ')
      result += ' ';
    if (result.size() > limit)
      break;
    if (result.ends_with("\u3002"))
      break;
  }
  if (result.size() > limit)
    result = std::string{utf8_prefix(result, limit)} + "\u2026";
  while (!result.empty() && result.back() == ' ')
    result.pop_back();
  return result;
}

std::string tool_signature(std::string_view name, std::string_view description, std::string_view schema) {
  auto required = required_names(schema);
  std::vector<std::string> must;
  std::vector<std::string> may;
  rpc::for_each_member(rpc::member(schema, "properties"), [&](rpc::json_member x) {
    // The quotes around a key belong to the same text.
    auto key = rpc::unquote({x.key.data() - 1, x.key.size() + 2}).value_or(std::string{x.key});
    auto is_required = std::find(required.begin(), required.end(), key) != required.end();
    auto parameter = key + (is_required ? "" : "?");
    constexpr int depth = 4;
    if (auto type = type_of(x.value, depth); !type.empty() && parameter.size() + type.size() < parameter_size_limit)
      parameter += ": " + type;
    (is_required ? must : may).push_back(std::move(parameter));
    return true;
  });
  // What must be given stands first, so that what is cut off may be left out.
  must.insert(must.end(), may.begin(), may.end());
  if (must.size() > parameter_limit) {
    must.resize(parameter_limit);
    must.emplace_back("\u2026");
  }
  auto result = std::string{name} + '(' + join(must, ", ") + ')';
  if (auto sentence = first_sentence(description, sentence_limit); !sentence.empty())
    result += ": " + sentence;
  return result;
}

} // namespace hub
