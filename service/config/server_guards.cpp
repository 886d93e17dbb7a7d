#include "service/config/server_guards.hpp"

#include "service/config/env_file.hpp"

#include <utility>

namespace hub {

namespace {

using kind = config_value::kind;

const config_value* find(const config_value& entry, std::string_view key) {
  auto* value = entry.find(key);
  return value && !value->is(kind::null) ? value : nullptr;
}

void read_inherited(const config_value& x, const std::string& label, value_reader& reader, server_config& server) {
  if (x.is(kind::boolean)) {
    if (reader.boolean(x, label).value_or(false))
      server.inherit_env = {"*"};
    return;
  }
  server.inherit_env = reader.strings(x, label);
  for (auto& name : server.inherit_env)
    if (!is_variable_name(name))
      reader.fail(x.begin, label + " has \"" + name + "\", which is no name of a variable",
                  "list names such as [\"GOPATH\"], or write true for the whole environment");
}

void read_profile(const config_value& x, const std::string& label, value_reader& reader, sandbox_config& sandbox) {
  auto text = reader.string(x, label);
  if (!text)
    return;
  sandbox.profile = *text;
  if (*text != "read-only" && *text != "no-network" && *text != "strict")
    reader.fail(x.begin, label + " is \"" + *text + "\"", "use \"read-only\", \"no-network\" or \"strict\"");
}

void read_sandbox(const config_value& x, const std::string& label, value_reader& reader, server_config& server) {
  if (x.is(kind::boolean) && !reader.boolean(x, label).value_or(true))
    return;
  if (x.is(kind::string))
    return read_profile(x, label, reader, server.sandbox);
  if (!x.is(kind::object)) {
    reader.wrong_type(x, label, "an object or a profile", "write it like {\"profile\": \"strict\", \"write\": [\"~/work\"]}");
    return;
  }
  reader.check_unique(x, label);
  for (auto& member : x.members)
    if (member.key != "profile" && member.key != "write" && member.key != "network")
      // Who misspells a bound must not run without it.
      reader.fail(member.key_begin, label + " has \"" + member.key + "\", which the hub does not know",
                  "use profile, write and network");
  if (auto* profile = x.find("profile"))
    read_profile(*profile, label + ".profile", reader, server.sandbox);
  else
    reader.fail(x.begin, label + " has no profile", "add \"profile\": \"read-only\", \"no-network\" or \"strict\"");
  if (auto* write = x.find("write")) {
    server.sandbox.write = reader.strings(*write, label + ".write");
    for (auto& path : server.sandbox.write)
      if (path.empty() || std::string_view{"/~$"}.find(path[0]) == std::string::npos)
        reader.fail(write->begin, label + ".write has \"" + path + "\", a relative path", "start it with / or ~/");
  }
  if (auto* network = x.find("network"))
    server.sandbox.network = reader.boolean(*network, label + ".network");
}

} // namespace

std::optional<change_policy> read_change_policy(const config_value& x, const std::string& label, value_reader& reader) {
  auto text = reader.string(x, label);
  if (!text)
    return std::nullopt;
  for (auto policy : {change_policy::pass, change_policy::warn, change_policy::hold})
    if (*text == to_string(policy))
      return policy;
  reader.fail(x.begin, label + " is \"" + *text + "\"", "use \"pass\", \"warn\" or \"hold\"");
  return std::nullopt;
}

std::string_view to_string(change_policy x) noexcept {
  return x == change_policy::pass ? "pass" : x == change_policy::hold ? "hold" : "warn";
}

void read_guards(const config_value& entry, const std::string& label, value_reader& reader, server_config& server) {
  if (auto* policy = find(entry, "tool_changes"))
    server.tool_changes = read_change_policy(*policy, label + ": tool_changes", reader);
  if (auto* inherited = find(entry, "inherit_env"))
    read_inherited(*inherited, label + ": inherit_env", reader, server);
  if (auto* sandbox = find(entry, "sandbox")) {
    read_sandbox(*sandbox, label + ": sandbox", reader, server);
    if (!server.sandbox.profile.empty() && server.command.empty())
      reader.fail(sandbox->begin, label + ": sandbox is for servers with a command", "remove it; this one runs elsewhere");
  }
}

} // namespace hub
