#include "service/config/plugin_entries.hpp"

#include "service/config/json_reader.hpp"
#include "service/config/text_edit.hpp"

#include <algorithm>

namespace hub {

namespace {

using kind = config_value::kind;

constexpr auto example = "write it like {\"enabled\": true, \"settings\": {}}";

/// The longest that a call may be held up by a plugin.
constexpr int64_t longest_ms = 30'000;

/// A tree as JSON in one line.
std::string line_of(const config_value& x) {
  auto result = to_json(x);
  // There are none within texts.
  std::ranges::replace(result, '\n', ' ');
  return result;
}

/// Resolves the texts of a tree; returns what is wrong with the first that cannot be.
std::optional<unresolved_placeholder> resolve_texts(config_value& x, const std::string& name, const variables& known) {
  if (x.is(kind::string)) {
    auto text = resolve(x.text, known);
    if (auto* wrong = std::get_if<unresolved_placeholder>(&text))
      return unresolved_placeholder{name + " " + wrong->cause, wrong->fix};
    x.text = std::get<std::string>(std::move(text));
  }
  for (size_t i = 0; i < x.items.size(); ++i)
    if (auto wrong = resolve_texts(x.items[i], name + "[" + std::to_string(i) + "]", known))
      return wrong;
  for (auto& member : x.members)
    if (auto wrong = resolve_texts(member.value, name + "." + member.key, known))
      return wrong;
  return std::nullopt;
}

void read_member(plugin_config& x, const std::string& label, const config_member& member, value_reader& reader) {
  auto& [key, at, value] = member;
  auto name = label + "." + key;
  if (key == "enabled") {
    x.enabled = reader.boolean(value, name);
  } else if (key == "settings") {
    if (!value.is(kind::object))
      return reader.wrong_type(value, name, "an object", example);
    x.settings = line_of(value);
  } else if (key == "env") {
    x.env = reader.string_pairs(value, name);
  } else if (key == "time_limit_ms") {
    if (auto ms = reader.integer(value, name, 1, longest_ms))
      x.time_limit = std::chrono::milliseconds{*ms};
  } else if (key == "on_failure") {
    auto word = reader.string(value, name);
    if (word && *word != "allow" && *word != "deny")
      return reader.fail(value.begin, name + " is \"" + *word + "\"", "write allow or deny");
    x.denies_on_failure = word == "deny";
  } else {
    reader.fail(at, label + ": \"" + key + "\" is no part of it", "use enabled, settings, env, time_limit_ms and on_failure");
  }
}

} // namespace

std::vector<plugin_config> read_plugins(const config_value& value, value_reader& reader) {
  std::vector<plugin_config> result;
  if (!value.is(kind::object)) {
    reader.wrong_type(value, "plugins", "an object", "write it like {\"name\": {\"enabled\": true}}");
    return result;
  }
  reader.check_unique(value, "plugins");
  for (auto& [name, at, entry] : value.members) {
    plugin_config x;
    x.name = name;
    auto label = "plugins." + name;
    if (entry.is(kind::boolean)) {
      x.enabled = entry.boolean;
    } else if (entry.is(kind::object)) {
      reader.check_unique(entry, label);
      for (auto& member : entry.members)
        read_member(x, label, member, reader);
    } else {
      reader.wrong_type(entry, label, "true, false or an object", example);
      continue;
    }
    result.push_back(std::move(x));
  }
  return result;
}

std::variant<std::string, unresolved_placeholder> resolve_settings(const std::string& settings, const variables& known) {
  auto tree = read_json(settings, "settings");
  // It was written from a tree.
  if (!tree)
    return unresolved_placeholder{"settings are no JSON", "This is a fault of the hub."};
  if (auto wrong = resolve_texts(*tree, "settings", known))
    return std::move(*wrong);
  return line_of(*tree);
}

config_result<std::string> switch_plugin(const std::string& text, const std::string& file, const std::string& name,
                                         bool on) {
  auto root = read_json(text, file);
  if (!root)
    return root.errors();
  auto word = std::string{on ? "true" : "false"};
  auto quoted = to_json(config_value::of_string(name));
  auto fresh = quoted + ": {\"enabled\": " + word + "}";
  auto* plugins = root->find("plugins");
  if (!plugins)
    return append_children(text, *root, {"\"plugins\": {\n  " + fresh + "\n}"});
  if (!plugins->is(kind::object))
    return config_error{place_of(file, text, plugins->begin), "plugins is no object",
                        "write it like {\"name\": {\"enabled\": true}}"};
  auto* entry = plugins->find(name);
  if (!entry)
    return append_children(text, *plugins, {fresh});
  if (!entry->is(kind::object))
    return replace_value(text, *entry, word);
  if (auto* enabled = entry->find("enabled"))
    return replace_value(text, *enabled, word);
  if (entry->members.empty())
    return replace_value(text, *entry, "{\"enabled\": " + word + "}");
  // Before its first member, on the same line as that.
  auto result = text;
  return result.insert(entry->members.front().key_begin, "\"enabled\": " + word + ", ");
}

} // namespace hub
