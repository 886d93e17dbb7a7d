#include "service/config/cache_entry.hpp"

#include <cstdint>

namespace hub {

namespace {

using kind = config_value::kind;
using std::chrono::seconds;

constexpr int64_t longest_ttl = int64_t{365} * 86'400;
constexpr auto mode_fix = "use \"off\", \"share\", \"ttl\", or a number of seconds";

/// A word, a switch or a number; false if it is none of them.
bool read_mode(const config_value& x, const std::string& label, value_reader& reader, cache_mode& mode,
               std::chrono::milliseconds& ttl) {
  if (x.is(kind::boolean)) {
    mode = x.boolean ? cache_mode::ttl : cache_mode::off;
    return true;
  }
  if (x.is(kind::number)) {
    mode = cache_mode::ttl;
    ttl = seconds{reader.integer(x, label, 0, longest_ttl).value_or(0)};
    return true;
  }
  if (!x.is(kind::string))
    return false;
  for (auto known : {cache_mode::off, cache_mode::share, cache_mode::ttl})
    if (x.text == to_string(known)) {
      mode = known;
      return true;
    }
  reader.fail(x.begin, label + " is \"" + x.text + "\"", mode_fix);
  return true;
}

void read_tools(const config_value& x, const std::string& label, value_reader& reader, server_cache& result) {
  if (!x.is(kind::object))
    return reader.wrong_type(x, label, "an object", "write it like {\"get_*\": 60, \"now\": \"off\"}");
  reader.check_unique(x, label);
  for (auto& [pattern, at, value] : x.members) {
    server_cache::tool_rule rule{pattern, cache_mode::ttl, result.ttl};
    if (!read_mode(value, label + "." + pattern, reader, rule.mode, rule.ttl))
      reader.wrong_type(value, label + "." + pattern, "a word or a number", mode_fix);
    result.tools.push_back(std::move(rule));
  }
}

void read_scope(const config_value& x, const std::string& label, value_reader& reader, server_cache& result) {
  auto text = reader.string(x, label);
  if (!text)
    return;
  result.is_public = *text == "public";
  if (*text != "public" && *text != "private")
    reader.fail(x.begin, label + " is \"" + *text + "\"",
                "use \"private\" for results of each token alone, or \"public\" for the same to all");
}

} // namespace

void read_cache(const config_value& x, const std::string& label, value_reader& reader, server_cache& result) {
  if (read_mode(x, label, reader, result.mode, result.ttl))
    return;
  if (!x.is(kind::object))
    return reader.wrong_type(x, label, "a word, a number or an object", mode_fix);
  reader.check_unique(x, label);
  const config_value* tools = nullptr;
  for (auto& [key, at, value] : x.members) {
    auto name = label + "." + key;
    if (key == "mode") {
      if (!read_mode(value, name, reader, result.mode, result.ttl))
        reader.wrong_type(value, name, "a word or a number", mode_fix);
    } else if (key == "ttl_seconds") {
      result.ttl = seconds{reader.integer(value, name, 0, longest_ttl).value_or(0)};
    } else if (key == "drop_on_write") {
      result.drop_on_write = reader.boolean(value, name).value_or(true);
    } else if (key == "scope") {
      read_scope(value, name, reader, result);
    } else if (key == "tools") {
      tools = &value;
    } else {
      reader.fail(at, label + " has \"" + key + "\", which the hub does not know",
                  "use mode, ttl_seconds, drop_on_write, scope and tools");
    }
  }
  // Their "ttl" is that of the server.
  if (tools)
    read_tools(*tools, label + ".tools", reader, result);
}

std::string_view to_string(cache_mode x) noexcept {
  return x == cache_mode::off ? "off" : x == cache_mode::ttl ? "ttl" : "share";
}

config_value cache_tree(const server_cache& x) {
  auto text_of = [](seconds s) { return std::to_string(s.count()); };
  auto in_seconds = [](std::chrono::milliseconds ms) { return std::chrono::duration_cast<seconds>(ms); };
  auto result = config_value::of_kind(kind::object);
  result.set("mode", config_value::of_string(std::string{to_string(x.mode)}));
  result.set("ttl_seconds", config_value::of_number(text_of(in_seconds(x.ttl))));
  if (!x.drop_on_write)
    result.set("drop_on_write", config_value::of_boolean(false));
  if (x.is_public)
    result.set("scope", config_value::of_string("public"));
  if (!x.tools.empty()) {
    auto tools = config_value::of_kind(kind::object);
    for (auto& rule : x.tools)
      tools.set(rule.tool, rule.mode == cache_mode::ttl ? config_value::of_number(text_of(in_seconds(rule.ttl)))
                                                        : config_value::of_string(std::string{to_string(rule.mode)}));
    result.set("tools", std::move(tools));
  }
  return result;
}

} // namespace hub
