#include "messages/rpc/header_parameters.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>

namespace hub::rpc {

namespace {

constexpr std::string_view keyword = "\"x-mcp-header\"";
constexpr size_t max_parameters = 64;
constexpr size_t max_path = 16;

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.find(c) != marks.npos;
  });
}

std::string lower(std::string text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return text;
}

class schema_reader {
public:
  header_parameters result;

  /// Reads the schema of a property and those of its own properties.
  void read(std::string_view schema) {
    if (result.fault || path_.size() > max_path)
      return;
    if (auto header = member(schema, "x-mcp-header"); !header.empty())
      add(header, member(schema, "type"));
    for_each_member(member(schema, "properties"), [&](const json_member& x) {
      path_.push_back(unquote('"' + std::string{x.key} + '"').value_or(""));
      read(x.value);
      path_.pop_back();
      return !result.fault;
    });
  }

private:
  void add(std::string_view header, std::string_view type) {
    auto name = unquote(header);
    if (!name || !is_token(*name)) {
      result.fault = "x-mcp-header is not the name of a header: " + std::string{header.substr(0, 80)};
    } else if (path_.empty()) {
      result.fault = "x-mcp-header stands on the schema itself and not on a property";
    } else if (type != "\"string\"" && type != "\"integer\"" && type != "\"boolean\"") {
      result.fault = "x-mcp-header " + *name + " is on a property that is no string, integer or boolean";
    } else if (std::ranges::any_of(result.list, [&](auto& x) { return lower(x.header) == lower(*name); })) {
      result.fault = "x-mcp-header " + *name + " stands twice";
    } else if (result.list.size() >= max_parameters) {
      result.fault = "it has more than 64 x-mcp-header";
    } else {
      result.list.push_back({std::move(*name), path_});
    }
  }

  std::vector<std::string> path_;
};

size_t count(std::string_view text, std::string_view what) {
  size_t result = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size()))
    ++result;
  return result;
}

} // namespace

header_parameters read_header_parameters(std::string_view input_schema) {
  // Most schemas have none.
  auto written = count(input_schema, keyword);
  if (written == 0)
    return {};
  schema_reader reader;
  reader.read(input_schema);
  // What `properties` alone does not lead to stands where it must not.
  if (!reader.result.fault && reader.result.list.size() != written)
    reader.result.fault = "x-mcp-header stands where no plain property is";
  return std::move(reader.result);
}

std::string_view argument_at(std::string_view arguments, const std::vector<std::string>& path) {
  auto value = arguments;
  for (auto& name : path)
    value = member(value, name);
  return value == "null" ? std::string_view{} : value;
}

} // namespace hub::rpc
