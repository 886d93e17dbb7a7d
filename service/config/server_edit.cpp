#include "service/config/server_edit.hpp"

#include "service/config/json_reader.hpp"
#include "service/config/server_entry.hpp"
#include "service/config/text_edit.hpp"

#include <optional>
#include <string_view>

namespace hub {

namespace {

using kind = config_value::kind;

/// Where a server stands in the list that counts.
struct server_place {
  const config_value* list = nullptr;
  size_t index = 0;

  const config_value& entry() const {
    return list->is(kind::object) ? list->members[index].value : list->items[index];
  }
};

std::optional<server_place> find_server(const config_value& root, const std::string& name) {
  auto lists = find_server_lists(root);
  if (lists.empty())
    return std::nullopt;
  auto* list = lists.front().value;
  for (size_t i = 0; i < list->members.size(); ++i)
    if (list->members[i].key == name)
      return server_place{list, i};
  for (size_t i = 0; i < list->items.size(); ++i)
    if (auto* x = list->items[i].find("name"); x && x->text == name)
      return server_place{list, i};
  return std::nullopt;
}

config_error unknown(const std::string& file, const std::string& name) {
  return {file, "there is no server \"" + name + "\"", "slm-hub config show prints the servers"};
}

} // namespace

config_result<std::string> remove_server(const std::string& text, const std::string& file, const std::string& name) {
  auto root = read_json(text, file);
  if (!root)
    return root.errors();
  auto place = find_server(*root, name);
  if (!place)
    return unknown(file, name);
  auto result = erase_child(text, *place->list, place->index);
  auto after = read_json(result, file);
  if (!after || find_server(*after, name))
    return config_error{file, "the server \"" + name + "\" cannot be taken out of the text as it is written",
                        "remove it by hand"};
  return result;
}

config_result<std::string> switch_server(const std::string& text, const std::string& file, const std::string& name,
                                         bool on) {
  auto root = read_json(text, file);
  if (!root)
    return root.errors();
  auto place = find_server(*root, name);
  if (!place)
    return unknown(file, name);
  auto& entry = place->entry();
  if (!entry.is(kind::object))
    return config_error{place_of(file, text, entry.begin), "server \"" + name + "\" is no object",
                        "write it like {\"command\": \"npx\"}"};
  auto word = [](bool x) { return x ? "true" : "false"; };
  auto result = text;
  auto said = false;
  // The last one first, so that the places of the others stay true.
  for (auto i = entry.members.rbegin(); i != entry.members.rend(); ++i)
    if (i->key == "enabled" || i->key == "disabled") {
      result = replace_value(result, i->value, word(on == (i->key == "enabled")));
      said = true;
    }
  if (said || on)
    return result;
  auto span = std::string_view{text}.substr(entry.begin, entry.end - entry.begin);
  if (!entry.members.empty() && span.find('\n') == std::string_view::npos)
    return result.insert(entry.members.back().value.end, ", \"disabled\": true");
  return append_children(text, entry, {"\"disabled\": true"});
}

} // namespace hub
