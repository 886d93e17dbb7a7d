#include "service/config/cascade_entry.hpp"

#include "service/config/json_reader.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace hub {

namespace {

using kind = config_value::kind;

constexpr size_t most_tools = 16;
constexpr size_t most_cascades = 256;
constexpr auto tool_fix = "write it like \"SERVER__TOOL\", or {\"tool\": \"SERVER__TOOL\", \"arguments\": {\"query\": \"q\"}}";

/// Finds the server that a full name begins with; of several the one with the longest name.
bool split_name(const std::string& name, const std::vector<server_config>& servers, cascade_tool& result) {
  const server_config* found = nullptr;
  for (auto& x : servers)
    if (name.starts_with(x.name + "__") && name.size() > x.name.size() + 2 && (!found || x.name.size() > found->name.size()))
      found = &x;
  if (!found)
    return false;
  result.server = found->name;
  result.tool = name.substr(found->name.size() + 2);
  return true;
}

void read_arguments(const config_value& x, const std::string& label, value_reader& reader, cascade_tool& result) {
  if (!x.is(kind::object))
    return reader.wrong_type(x, label, "an object", "write it like {\"query\": \"q\", \"depth\": null}");
  reader.check_unique(x, label);
  for (auto& [key, at, value] : x.members) {
    if (value.is(kind::null))
      result.arguments.emplace_back(key, std::nullopt);
    else
      result.arguments.emplace_back(key, reader.string(value, label + "." + key).value_or(""));
  }
}

void read_tool(const config_value& x, const std::string& label, const std::vector<server_config>& servers,
               value_reader& reader, cascade_tool& result) {
  auto* name = x.is(kind::object) ? x.find("tool") : &x;
  if (!name || !(x.is(kind::object) || x.is(kind::string)))
    return reader.fail(x.begin, label + " names no tool", tool_fix);
  auto text = reader.string(*name, label);
  if (text && !split_name(*text, servers, result))
    reader.fail(name->begin, label + " is \"" + *text + "\", which begins with the name of no server", tool_fix);
  if (!x.is(kind::object))
    return;
  reader.check_unique(x, label);
  for (auto& [key, at, value] : x.members) {
    if (key == "arguments")
      read_arguments(value, label + ".arguments", reader, result);
    else if (key == "fixed" && value.is(kind::object))
      for (auto& member : value.members)
        result.fixed.emplace_back(member.key, to_json(member.value));
    else if (key != "tool")
      reader.fail(at, label + ": \"" + key + "\" is no part of it, or no object", "use tool, arguments and fixed");
  }
}

} // namespace

cascade_list read_cascades(const config_value& x, const std::vector<server_config>& servers, value_reader& reader) {
  cascade_list result;
  if (!x.is(kind::object)) {
    reader.wrong_type(x, "cascades", "an object", "write it like {\"search\": [\"free__search\", \"paid__search\"]}");
    return result;
  }
  reader.check_unique(x, "cascades");
  if (x.members.size() > most_cascades)
    reader.fail(x.begin, "cascades has more than " + std::to_string(most_cascades) + " members", "take some out");
  std::set<std::pair<std::string, std::string>> seen;
  for (auto& [name, at, value] : x.members) {
    auto label = "cascades." + name;
    cascade found{name, {}};
    if (!value.is(kind::array) || value.items.size() < 2 || value.items.size() > most_tools) {
      reader.fail(value.begin, label + " is no array of 2 to " + std::to_string(most_tools) + " tools", tool_fix);
      continue;
    }
    for (size_t i = 0; i < value.items.size(); ++i) {
      auto place = label + "[" + std::to_string(i) + "]";
      cascade_tool tool;
      read_tool(value.items[i], place, servers, reader, tool);
      if (!tool.tool.empty() && !seen.emplace(tool.server, tool.tool).second)
        reader.fail(value.items[i].begin, place + " is in a cascade already", "name each tool once");
      found.tools.push_back(std::move(tool));
    }
    result.push_back(std::move(found));
  }
  return result;
}

config_value cascade_tree(const cascade_list& cascades) {
  auto result = config_value::of_kind(kind::object);
  for (auto& x : cascades) {
    auto tools = config_value::of_kind(kind::array);
    for (auto& y : x.tools) {
      auto tree = config_value::of_kind(kind::object);
      tree.set("tool", config_value::of_string(y.server + "__" + y.tool));
      auto arguments = config_value::of_kind(kind::object);
      for (auto& [common, own] : y.arguments)
        arguments.set(common, own ? config_value::of_string(*own) : config_value{});
      if (!y.arguments.empty())
        tree.set("arguments", std::move(arguments));
      auto fixed = config_value::of_kind(kind::object);
      for (auto& [key, value] : y.fixed)
        fixed.set(key, *read_json(value, "fixed"));
      if (!y.fixed.empty())
        tree.set("fixed", std::move(fixed));
      tools.items.push_back(std::move(tree));
    }
    result.set(x.name, std::move(tools));
  }
  return result;
}

} // namespace hub
