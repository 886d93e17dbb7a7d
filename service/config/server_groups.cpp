#include "service/config/server_groups.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace hub {

namespace {

using kind = config_value::kind;

/// Reads one group.
class group_reader {
public:
  group_reader(const std::string& name, const std::vector<server_config>& servers,
               value_reader& reader)
    : label_("group \"" + name + "\""), servers_(servers), reader_(reader) {
    result_.name = name;
  }

  server_group read(const config_value& value) {
    if (value.is(kind::array)) {
      read_names(value);
    } else if (value.is(kind::object)) {
      reader_.check_unique(value, label_);
      if (auto* names = value.find("servers"))
        read_names(*names);
      if (auto* tags = value.find("tags"))
        read_tags(*tags);
      for (auto& member : value.members)
        if (member.key != "servers" && member.key != "tags")
          reader_.warn(member.key_begin, label_ + ": \"" + member.key + "\" has no effect",
                       "use servers and tags");
    } else {
      reader_.wrong_type(value, label_, "an array of servers, or an object",
                         "write it like [\"github\"] or {\"tags\": [\"dev\"]}");
    }
    for (auto& server : servers_)
      if (wanted_.contains(server.name))
        result_.servers.push_back(server.name);
    if (result_.servers.empty())
      reader_.warn(value.begin, label_ + " has no servers", "name some, or give them its tags");
    return std::move(result_);
  }

private:
  void read_names(const config_value& value) {
    for (auto& name : reader_.strings(value, label_ + ": servers")) {
      if (std::ranges::find(servers_, name, &server_config::name) == servers_.end())
        reader_.fail(value.begin, label_ + " names the server \"" + name + "\", which is not configured",
                     "add it to mcpServers, or take it out of the group");
      wanted_.insert(name);
    }
  }

  void read_tags(const config_value& value) {
    for (auto& tag : reader_.strings(value, label_ + ": tags")) {
      auto found = false;
      for (auto& server : servers_)
        if (std::ranges::find(server.tags, tag) != server.tags.end()) {
          wanted_.insert(server.name);
          found = true;
        }
      if (!found)
        reader_.warn(value.begin, label_ + ": no server has the tag \"" + tag + "\"",
                     "add it to the tags of a server");
    }
  }

  std::string label_;
  const std::vector<server_config>& servers_;
  value_reader& reader_;
  std::set<std::string> wanted_;
  server_group result_;
};

} // namespace

std::vector<server_group> read_groups(const config_value& value,
                                      const std::vector<server_config>& servers,
                                      value_reader& reader) {
  std::vector<server_group> result;
  if (!value.is(kind::object)) {
    reader.wrong_type(value, "groups", "an object of groups by name",
                      "write it like {\"web\": [\"github\"]}");
    return result;
  }
  reader.check_unique(value, "groups");
  for (auto& [name, name_begin, entry] : value.members) {
    auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (name.empty() || std::ranges::any_of(name, is_control))
      reader.fail(name_begin, "a group's name is empty or has control characters",
                  "give it a name on one line");
    else if (name == "sse")
      reader.fail(name_begin,
                  "a group cannot be called \"sse\": /mcp/g/sse is the event stream of a server "
                  "called \"g\"",
                  "give it another name");
    else
      result.push_back(group_reader{name, servers, reader}.read(entry));
  }
  return result;
}

} // namespace hub
