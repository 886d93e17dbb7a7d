#include "service/units/systemd_unit.hpp"

namespace hub {

namespace {

constexpr std::string_view folder_mark = "# folder: ";

/// `text` in quotes. `dollar` is what stands for `$`, which only command lines expand.
std::string quoted(std::string_view text, std::string_view dollar) {
  std::string result = "\"";
  for (auto c : text) {
    if (c == '"' || c == '\\')
      (result += '\\') += c;
    else if (c == '%')
      result += "%%";
    else if (c == '$')
      result += dollar;
    else if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result + '"';
}

std::string command_line(const std::vector<std::string>& words) {
  std::string result;
  for (auto& word : words)
    result += (result.empty() ? "" : " ") + systemd_word(word);
  return result;
}

/// A path in a list; a leading hyphen says that it need not be there.
std::string path_entry(const std::string& path, bool optional) {
  return quoted((optional ? "-" : "") + path, "$");
}

std::string sandbox(const unit_settings& x) {
  if (!x.namespaces)
    return "# This system lets users make no namespaces, so the file system is not fenced in.\n";
  std::string paths = "%h -/tmp -/var/tmp -%t " + path_entry(x.folder, false);
  for (auto& folder : x.writable)
    paths += ' ' + path_entry(folder, true);
  return "# What is written goes to the home, where npx, uvx and their like keep caches and where users\n"
         "# keep what servers work on, to temporary folders, and to the configuration of the hub.\n"
         "ProtectSystem=strict\n"
         "ReadWritePaths=" + paths + "\n"
         "ProtectKernelTunables=yes\n";
}

} // namespace

std::string systemd_word(std::string_view text) {
  return quoted(text, "$$");
}

std::string systemd_unit(const unit_settings& x) {
  return "# Written by slm-hub service install, which overwrites it. Additions: systemctl --user edit slm-hub\n"
         + std::string{folder_mark} + x.folder + "\n"
         "[Unit]\n"
         "Description=slm-hub, one MCP hub for all AI clients\n"
         "# A hub that cannot start is not tried for ever; slm-hub service status says why it failed.\n"
         "StartLimitIntervalSec=60\n"
         "StartLimitBurst=5\n"
         "\n"
         "[Service]\n"
         "Type=notify\n"
         "NotifyAccess=main\n"
         "ExecStart=" + command_line(x.command) + "\n"
         "ExecReload=" + command_line(x.reload_command) + "\n"
         "Restart=always\n"
         "RestartSec=1\n"
         "WatchdogSec=30\n"
         "TimeoutStartSec=60\n"
         "# Calls in flight get 5 s and servers 15 more.\n"
         "TimeoutStopSec=45\n"
         "# The hub ends its servers itself, in good order; what is left then is killed.\n"
         "KillMode=mixed\n"
         "# A server that runs out of memory does not end the others.\n"
         "OOMPolicy=continue\n"
         "# The hub may limit its servers each by a cgroup of its own.\n"
         "Delegate=cpu memory pids\n"
         "# Where npx, uvx and other servers are found: the PATH of the shell that wrote this.\n"
         "Environment=" + quoted("PATH=" + x.path, "$") + "\n"
         "\n"
         "# The servers are children of the hub and live under the same rules, so these are the ones that\n"
         "# servers stand. Left out on purpose: MemoryDenyWriteExecute (node compiles at run time),\n"
         "# RestrictNamespaces (browsers and sandboxes make some), PrivateTmp (servers share files with\n"
         "# clients there), PrivateDevices, SystemCallFilter and a UMask.\n"
         "NoNewPrivileges=yes\n"
         "LockPersonality=yes\n"
         "RestrictRealtime=yes\n"
         "RestrictSUIDSGID=yes\n"
         + sandbox(x)
         + "\n"
           "[Install]\n"
           "WantedBy=default.target\n";
}

std::string folder_of_systemd_unit(std::string_view unit) {
  auto begin = unit.find(folder_mark);
  if (begin == std::string_view::npos)
    return {};
  auto rest = unit.substr(begin + folder_mark.size());
  return std::string{rest.substr(0, rest.find('\n'))};
}

} // namespace hub
