#include "service/config/server_insertion.hpp"

#include "service/config/json_reader.hpp"
#include "service/config/server_entry.hpp"

#include <algorithm>
#include <set>

namespace hub {

namespace {

using kind = config_value::kind;

/// The white space that the line of `offset` starts with.
std::string indent_at(std::string_view text, size_t offset) {
  auto line = text.rfind('\n', offset);
  line = line == std::string_view::npos ? 0 : line + 1;
  auto end = std::min(text.find_first_not_of(" \t", line), offset);
  return std::string{text.substr(line, end - line)};
}

/// Where the children of a container end, comments included, and whether a
/// comma is after the last of them.
struct container_end {
  size_t offset = 0;
  bool has_comma = false;
};

container_end find_end(std::string_view text, size_t after_last, size_t bracket) {
  container_end result{after_last, false};
  auto i = after_last;
  while (i < bracket) {
    if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), bracket);
      result.offset = i;
      // The end of such a line belongs to the file's line ends.
      if (result.offset > 0 && text[result.offset - 1] == '\r')
        --result.offset;
    } else if (text.substr(i, 2) == "/*") {
      i = std::min(text.find("*/", i + 2) + 2, bracket);
      result.offset = i;
    } else {
      if (text[i] == ',') {
        result.has_comma = true;
        result.offset = i + 1;
        }
      ++i;
    }
  }
  return result;
}

/// `json` with each line but the first moved right.
std::string indented(std::string_view json, const std::string& indent, std::string_view line_end) {
  std::string result;
  for (auto c : json) {
    if (c != '\n') {
      result += c;
      continue;
    }
    result += line_end;
    result += indent;
  }
  return result;
}

/// The text with `children` (each several lines of JSON) as the last ones of
/// `container`.
std::string append_children(const std::string& text, const config_value& container,
                            const std::vector<std::string>& children) {
  auto bracket = container.end - 1;
  auto is_object = container.is(kind::object);
  auto is_empty = is_object ? container.members.empty() : container.items.empty();
  auto after_last = container.begin + 1;
  size_t first = 0;
  if (!is_empty) {
    after_last = is_object ? container.members.back().value.end : container.items.back().end;
    first = is_object ? container.members.front().key_begin : container.items.front().begin;
  }
  std::string_view line_end = text.find("\r\n") != std::string::npos ? "\r\n" : "\n";
  auto outer = indent_at(text, container.begin);
  // As far in as the first child, if that has a line of its own.
  auto own_line = !is_empty && text.find('\n', container.begin) < first;
  auto inner = own_line ? indent_at(text, first) : outer + "  ";
  auto end = find_end(text, after_last, bracket);
  auto result = text.substr(0, after_last);
  if (!is_empty && !end.has_comma)
    result += ',';
  result += text.substr(after_last, end.offset - after_last);
  for (size_t i = 0; i < children.size(); ++i) {
    if (i > 0)
      result += ',';
    result += line_end;
    result += inner;
    result += indented(children[i], inner, line_end);
  }
  auto rest = text.substr(end.offset, bracket - end.offset);
  if (rest.find('\n') == std::string::npos) {
    result += line_end;
    result += outer;
  } else {
    result += rest;
  }
  return result + text.substr(bracket);
}

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
