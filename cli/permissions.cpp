#include "actors/catalog/tool_names.hpp"
#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "messages/policy.hpp"
#include "messages/rpc/json_scan.hpp"
#include "service/config/config_file.hpp"

#include <ostream>

namespace hub::cli {

namespace {

/// What is asked about.
struct wanted_tool {
  std::string server;

  /// As its server calls it.
  std::string tool;
};

/// A tool by its name at its server, or as clients of `/mcp` call it.
wanted_tool find_tool(const hub_config& config, const permission_check_options& options) {
  std::vector<std::string> names;
  for (auto& x : config.servers)
    names.push_back(x.name);
  name_table table{names, {}};
  if (!options.server.empty()) {
    for (uint32_t i = 0; i < names.size(); ++i)
      if (names[i] == options.server) {
        auto prefix = table.server_id(i) + "__";
        return {options.server, options.tool.starts_with(prefix) ? options.tool.substr(prefix.size()) : options.tool};
      }
    throw command_error{"there is no server " + options.server + "; slm-hub servers lists those of this hub"};
  }
  auto found = table.resolve(options.tool);
  if (found.how == resolved_name::kind::unknown)
    throw command_error{options.tool + " names no server; write SERVER__TOOL, or give --server"};
  return {names[found.server], found.tool};
}

std::string object_of(const permission_rule& x) {
  std::string object = "{";
  append_member(object, "rule", rpc::quote(x.name));
  append_member(object, "do", rpc::quote(to_string(x.act)));
  append_member(object, "final", x.final ? "true" : "false");
  append_member(object, "text", rpc::quote(describe(x)));
  append_member(object, "reason", rpc::quote(x.reason));
  return object + "}";
}

} // namespace

exit_code permissions_check(const command_context& context, const permission_check_options& options) {
  auto& io = context.io;
  auto config = load_config(context.config_file());
  if (!config)
    fail(config.errors());
  warn(io, config->warnings);
  auto asked = find_tool(*config, options);
  auto project = options.project;
  while (project.size() > 1 && project.back() == '/')
    project.pop_back();
  auto rules = std::make_shared<const permission_table>(config->permissions.rules, config->permissions.otherwise);
  auto policy = rules->policy_of({options.client, options.role, project});
  auto decided = policy ? policy->decide(asked.server, asked.tool) : permission_decision{};
  auto matching = policy ? policy->matches(asked.server, asked.tool) : std::vector<const permission_rule*>{};
  if (options.json) {
    std::string others;
    for (auto* rule : matching)
      if (rule != decided.rule)
        others += (others.empty() ? "" : ",") + object_of(*rule);
    std::string object = "{";
    append_member(object, "decision", rpc::quote(to_string(decided.act)));
    append_member(object, "client", rpc::quote(options.client));
    append_member(object, "server", rpc::quote(asked.server));
    append_member(object, "tool", rpc::quote(asked.tool));
    append_member(object, "decided_by", decided.rule ? object_of(*decided.rule) : "null");
    append_member(object, "also_matching", "[" + others + "]");
    io.out << object << "}\n";
    return exit_code::ok;
  }
  auto with_reason = [](const permission_rule& x) {
    return printable_line(describe(x) + (x.reason.empty() ? "" : ": " + x.reason));
  };
  auto look = decided.act == permission::deny ? style::bad : style::plain;
  io.out << io.paint(look, std::string{to_string(decided.act)}) << "  tool " << printable_line(asked.tool) << " of server "
         << printable_line(asked.server) << " for client " << printable_line(options.client) << '\n'
         << "  decided by    " << (decided.rule ? with_reason(*decided.rule) : "the default, since no rule matches") << '\n';
  for (auto* rule : matching)
    if (rule != decided.rule)
      io.out << "  also matches  " << with_reason(*rule) << '\n';
  return exit_code::ok;
}

} // namespace hub::cli
