#include "service/config/server_insertion.hpp"

#include "service/config/json_reader.hpp"
#include "service/config/server_entry.hpp"
#include "service/config/text_edit.hpp"

#include <algorithm>
#include <set>

namespace hub {

namespace {

using kind = config_value::kind;

/// A string as JSON.
std::string quoted(const std::string& text) {
  return to_json(config_value::of_string(text));
}

/// The servers that `list` holds, as one object by name.
std::vector<config_member> entries_of(const config_value& list) {
  auto result = list.members;
  for (auto& item : list.items)
    if (auto* name = item.find("name"))
      result.push_back({name->text, 0, item});
  return result;
}

} // namespace

config_result<std::string> add_servers(const std::string& text, const std::string& file,
                                       const std::vector<new_server>& servers) {
  auto blank = text.find_first_not_of(" \t\r\n") == std::string::npos;
  auto before = blank ? std::string{"{\n}\n"} : text;
  auto root = read_json(before, file);
  if (!root)
    return root.errors();
  if (!root->is(kind::object))
    return config_error{place_of(file, before, root->begin), "the file is not an object",
                        "write { \"mcpServers\": { } }"};
  auto lists = find_server_lists(*root);
  auto* list = lists.empty() ? nullptr : lists.front().value;
  if (list && !list->is(kind::object) && !list->is(kind::array))
    return config_error{place_of(file, before, list->begin),
                        lists.front().key + " is " + std::string{describe(list->type)}
                          + ", not an object",
                        "write it like {\"git\": {\"command\": \"npx\"}}"};
  auto expected = list ? entries_of(*list) : std::vector<config_member>{};
  std::set<std::string> names;
  for (auto& member : expected)
    names.insert(member.key);
  std::vector<std::string> children;
  for (auto& server : servers) {
    auto entry = read_json(server.entry, "server \"" + server.name + "\"");
    if (!entry)
      return entry.errors();
    if (!entry->is(kind::object))
      return config_error{"server \"" + server.name + "\"", "the entry is not an object",
                          "write it like {\"command\": \"npx\"}"};
    if (!names.insert(server.name).second)
      return config_error{file, "there is a server \"" + server.name + "\" already",
                          "rename or remove one of them"};
    if (list && list->is(kind::array)) {
      entry->erase("name");
      auto name = config_value::of_string(server.name);
      entry->members.insert(entry->members.begin(), {"name", 0, std::move(name)});
      children.push_back(to_json(*entry));
    } else {
      children.push_back(quoted(server.name) + ": " + to_json(*entry));
    }
    expected.push_back({server.name, 0, std::move(*entry)});
  }
  if (children.empty())
    return text;
  std::string result;
  if (list) {
    result = append_children(before, *list, children);
  } else {
    std::string object = "\"mcpServers\": {";
    for (size_t i = 0; i < children.size(); ++i)
      object += (i > 0 ? ",\n  " : "\n  ") + indented(children[i], "  ", "\n");
    result = append_children(before, *root, {object + "\n}"});
  }
  // Nothing is given out that would lose or change an entry.
  auto after = read_json(result, file);
  auto now = after ? find_server_lists(*after) : std::vector<server_list>{};
  auto found = now.empty() ? std::vector<config_member>{} : entries_of(*now.front().value);
  if (!std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                  [](auto& a, auto& b) {
                    return a.key == b.key && same_content(a.value, b.value);
                  }))
    return config_error{file, "the servers cannot be put into the text as it is written",
                        "add them by hand"};
  return result;
}

} // namespace hub
