#include "service/import/document.hpp"

#include "service/config/json_reader.hpp"

#include <string_view>

namespace hub {

namespace {

config_result<config_value> read_as(document_format format, const std::string& text,
                                    const std::string& file) {
  switch (format) {
    case document_format::toml:
      return read_toml(text, file);
    case document_format::yaml:
      return read_yaml(text, file);
    default:
      return read_json(text, file);
  }
}

/// The format that the name of a file suggests.
document_format format_of(std::string_view file) {
  if (file.ends_with(".toml"))
    return document_format::toml;
  if (file.ends_with(".yaml") || file.ends_with(".yml"))
    return document_format::yaml;
  return document_format::json;
}

} // namespace

config_result<document> read_document(const std::string& text, const std::string& file,
                                      std::optional<document_format> format) {
  auto suggested = format.value_or(format_of(file));
  auto root = read_as(suggested, text, file);
  if (root && (format || root->is(config_value::kind::object)))
    return document{suggested, *std::move(root)};
  // Broken JSON often is some YAML; what starts with a brace is meant as JSON.
  auto first = skip_gap(text, text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  auto is_meant_as_json = first < text.size() && text[first] == '{';
  for (auto other : {document_format::json, document_format::toml, document_format::yaml}) {
    if (format || (is_meant_as_json && other != document_format::json))
      break;
    if (auto value = read_as(other, text, file); value && value->is(config_value::kind::object))
      return document{other, *std::move(value)};
  }
  if (!root)
    return root.errors();
  return config_error{file, "has no settings with names", "check that it is the right file"};
}

} // namespace hub
