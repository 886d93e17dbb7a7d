#include "actors/catalog/schema_outline.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

namespace hub {

namespace {

/// How deep schemas in schemas are looked through; what is deeper stays as it is.
constexpr int depth_limit = 32;

/// How many references and alternatives are followed to find a type.
constexpr int type_depth = 4;

/// Choices of a value that are short enough to be part of its type, in bytes.
constexpr size_t choices_limit = 60;

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

/// Writes an object member by member.
class object_text {
public:
  void add(std::string_view key, std::string_view value) {
    text_.append(text_.size() > 1 ? ",\"" : "\"").append(key).append("\":").append(value);
  }

  std::string finish() && {
    return std::move(text_) + '}';
  }

private:
  std::string text_{"{"};
};

std::string without_texts(std::string_view schema, int depth);

std::string map_without_texts(std::string_view map, int depth) {
  object_text result;
  rpc::for_each_member(map, [&](const rpc::json_member& x) {
    result.add(x.key, without_texts(x.value, depth));
    return true;
  });
  return std::move(result).finish();
}

std::string array_without_texts(std::string_view array, int depth) {
  std::string result{"["};
  rpc::for_each_element(array, [&](std::string_view x) {
    result += (result.size() > 1 ? "," : "") + without_texts(x, depth);
    return true;
  });
  return result + ']';
}

/// A schema without what only people read.
std::string without_texts(std::string_view schema, int depth) {
  if (depth == 0 || !schema.starts_with('{'))
    return minified(schema);
  object_text result;
  rpc::for_each_member(schema, [&](const rpc::json_member& x) {
    if (is_one_of(x.key, {"description", "title", "examples", "$comment"}))
      return true;
    if (is_one_of(x.key, {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}))
      result.add(x.key, map_without_texts(x.value, depth - 1));
    else if (is_one_of(x.key, {"anyOf", "oneOf", "allOf", "prefixItems"}))
      result.add(x.key, array_without_texts(x.value, depth - 1));
    else if (is_one_of(x.key, {"items", "additionalProperties", "contains", "not", "if", "then", "else"}))
      result.add(x.key, without_texts(x.value, depth - 1));
    else
      result.add(x.key, minified(x.value));
    return true;
  });
  return std::move(result).finish();
}

/// What a reference within the schema leads to; empty if it leads elsewhere.
std::string_view follow(std::string_view root, std::string_view reference) {
  auto path = rpc::unquote(reference).value_or("");
  for (std::string_view key : {"$defs", "definitions"})
    if (auto start = "#/" + std::string{key} + "/"; path.starts_with(start))
      return rpc::member(rpc::member(root, key), path.substr(start.size()));
  return {};
}

/// The schema of a property with its type alone, and what that is of.
std::string type_only(std::string_view root, std::string_view schema, int depth) {
  object_text result;
  if (depth == 0)
    return std::move(result).finish();
  if (auto type = rpc::member(schema, "type"); !type.empty()) {
    result.add("type", minified(type));
    if (auto choices = rpc::member(schema, "enum"); !choices.empty() && choices.size() <= choices_limit)
      result.add("enum", minified(choices));
    if (auto items = rpc::member(schema, "items"); items.starts_with('{'))
      result.add("items", type_only(root, items, depth - 1));
    return std::move(result).finish();
  }
  if (auto choices = rpc::member(schema, "enum"); !choices.empty() && choices.size() <= choices_limit) {
    result.add("enum", minified(choices));
    return std::move(result).finish();
  }
  if (auto target = follow(root, rpc::member(schema, "$ref")); !target.empty())
    return type_only(root, target, depth - 1);
  for (std::string_view key : {"anyOf", "oneOf"}) {
    std::string all;
    rpc::for_each_element(rpc::member(schema, key), [&](std::string_view x) {
      all += (all.empty() ? "[" : ",") + type_only(root, x, depth - 1);
      return true;
    });
    if (!all.empty()) {
      result.add(key, all + ']');
      break;
    }
  }
  return std::move(result).finish();
}

/// An input schema as far as it is taken apart.
class outline {
public:
  explicit outline(std::string_view schema) : schema_(schema) {
    std::vector<std::string> required;
    rpc::for_each_element(rpc::member(schema, "required"), [&](std::string_view x) {
      required.push_back(rpc::unquote(x).value_or(""));
      return true;
    });
    rpc::for_each_member(rpc::member(schema, "properties"), [&](const rpc::json_member& x) {
      // The quotes around a key belong to the same text.
      auto name = rpc::unquote({x.key.data() - 1, x.key.size() + 2}).value_or(std::string{x.key});
      auto is_required = std::ranges::find(required, name) != required.end();
      properties_.push_back({x.key, x.value, is_required});
      optional_ += is_required ? 0 : 1;
      return true;
    });
  }

  /// How many properties need not be given.
  size_t optional() const noexcept {
    return optional_;
  }

  /// The schema without the texts of optional properties, of which the first `kept` are there.
  std::string text(size_t kept) const {
    auto drops = kept < optional_;
    auto properties = properties_text(kept);
    object_text result;
    // Definitions are there for those who refer to them.
    auto defines = !drops || properties.find("\"$ref\"") != std::string::npos;
    rpc::for_each_member(schema_, [&](const rpc::json_member& x) {
      if (x.key == "properties")
        result.add(x.key, properties);
      else if (is_one_of(x.key, {"$defs", "definitions"})) {
        if (defines)
          result.add(x.key, map_without_texts(x.value, depth_limit));
      } else if (!drops || !is_one_of(x.key, {"description", "title", "examples", "$comment"}))
        result.add(x.key, minified(x.value));
      return true;
    });
    return std::move(result).finish();
  }

  std::string types() const {
    object_text properties;
    for (auto& x : properties_)
      if (x.required)
        properties.add(x.key, type_only(schema_, x.value, type_depth));
    object_text result;
    result.add("type", "\"object\"");
    result.add("properties", std::move(properties).finish());
    if (auto required = rpc::member(schema_, "required"); !required.empty())
      result.add("required", minified(required));
    return std::move(result).finish();
  }

private:
  struct property {
    std::string_view key;
    std::string_view value;
    bool required;
  };

  std::string properties_text(size_t kept) const {
    object_text result;
    for (auto& x : properties_) {
      if (x.required)
        result.add(x.key, minified(x.value));
      else if (kept > 0) {
        --kept;
        result.add(x.key, without_texts(x.value, depth_limit));
      }
    }
    return std::move(result).finish();
  }

  std::string_view schema_;
  std::vector<property> properties_;
  size_t optional_ = 0;
};

std::string count_text(size_t count) {
  return std::to_string(count) + (count == 1 ? " optional property" : " optional properties");
}

} // namespace

std::optional<fitted_schema> fit_schema(std::string_view schema, size_t room, schema_cut most) {
  auto whole = schema.empty() ? std::string{R"({"type":"object"})"} : minified(schema);
  if (whole.size() <= room)
    return fitted_schema{std::move(whole), ""};
  if (most == schema_cut::nothing)
    return std::nullopt;
  outline parts{schema};
  if (auto text = parts.text(parts.optional()); text.size() <= room)
    return fitted_schema{std::move(text), "descriptions of optional properties"};
  if (most == schema_cut::optional_texts)
    return std::nullopt;
  // With fewer it is smaller.
  size_t fits = 0;
  auto fails = parts.optional();
  auto best = parts.text(0);
  if (fails > 0 && best.size() <= room) {
    while (fails - fits > 1) {
      auto middle = fits + (fails - fits) / 2;
      if (auto text = parts.text(middle); text.size() <= room) {
        fits = middle;
        best = std::move(text);
      } else {
        fails = middle;
      }
    }
    return fitted_schema{std::move(best), count_text(parts.optional() - fits)};
  }
  if (most == schema_cut::optional_properties)
    return std::nullopt;
  auto types = parts.types();
  if (types.size() > room)
    return std::nullopt;
  return fitted_schema{std::move(types), "all but the required properties and their types"
                                           + (parts.optional() > 0 ? ", so " + count_text(parts.optional()) : "")};
}

std::string minified(std::string_view json) {
  std::string result;
  result.reserve(json.size());
  auto in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    auto c = json[i];
    if (in_string && c == '\\' && i + 1 < json.size()) {
      result += c;
      result += json[++i];
      continue;
    }
    if (c == '"')
      in_string = !in_string;
    if (in_string || (c != ' ' && c != '\t' && c != '\n' && c != '\r'))
      result += c;
  }
  return result;
}

} // namespace hub
