#include "service/config/sandbox.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include <unistd.h>

namespace hub {

std::optional<std::string> find_bubblewrap(const variable_map& environment) {
  auto* path = find_variable(environment, "PATH");
  auto rest = path ? std::string_view{*path} : std::string_view{"/usr/bin:/bin"};
  while (!rest.empty()) {
    auto size = std::min(rest.find(':'), rest.size());
    auto candidate = std::string{rest.substr(0, size)} + "/bwrap";
    if (size > 0 && ::access(candidate.c_str(), X_OK) == 0)
      return candidate;
    rest.remove_prefix(std::min(size + 1, rest.size()));
  }
  return std::nullopt;
}

void confine(launch_spec& launch, const sandbox_config& sandbox, const std::string& bubblewrap,
             const std::string& home) {
  auto strict = sandbox.profile == "strict";
  auto read_only = strict || sandbox.profile == "read-only";
  auto network = sandbox.network.value_or(sandbox.profile == "read-only");
  std::vector<std::string> args;
  auto add = [&args](std::initializer_list<std::string> words) { args.insert(args.end(), words); };
  add({"--die-with-parent", "--new-session", "--unshare-pid", "--unshare-ipc"});
  if (!network)
    add({"--unshare-net"});
  add({read_only ? "--ro-bind" : "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc"});
  if (read_only)
    add({"--tmpfs", "/tmp"});
  if (strict) {
    // Sockets of other services, such as docker's, would be ways out.
    add({"--tmpfs", "/run"});
    if (!home.empty())
      add({"--tmpfs", home});
  }
  if (read_only)
    for (auto& path : sandbox.write)
      add({"--bind", path, path});
  if (!launch.cwd.empty())
    add({"--chdir", launch.cwd});
  add({"--", launch.command});
  args.insert(args.end(), launch.args.begin(), launch.args.end());
  launch.command = bubblewrap;
  launch.args = std::move(args);
}

} // namespace hub
