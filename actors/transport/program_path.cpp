#include "actors/transport/program_path.hpp"

#include "actors/transport/usual_folders.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

namespace hub {

namespace {

/// Where programs are looked for if the child has no PATH.
constexpr std::string_view default_path = "/usr/local/bin:/usr/bin:/bin";

/// The value of a variable of the child; null if it has none.
std::optional<std::string_view> variable_of(const launch_spec& spec, const std::string& name) {
  auto prefix = name + "=";
  for (auto& variable : spec.env)
    if (variable.starts_with(prefix))
      return std::string_view{variable}.substr(prefix.size());
  return std::nullopt;
}

/// What stands in the way of executing `path`, seen from the folder `cwd`.
enum class obstacle { none, missing, folder, not_executable };

obstacle obstacle_at(const std::string& path, const std::string& cwd) {
  auto seen = path.starts_with('/') || cwd.empty() ? path : cwd + "/" + path;
  struct stat about {};
  if (::stat(seen.c_str(), &about) != 0)
    return errno == EACCES ? obstacle::not_executable : obstacle::missing;
  if (S_ISDIR(about.st_mode))
    return obstacle::folder;
  if (::faccessat(AT_FDCWD, seen.c_str(), X_OK, AT_EACCESS) != 0)
    return obstacle::not_executable;
  return obstacle::none;
}

std::optional<launch_failure> check_cwd(const std::string& cwd) {
  if (cwd.empty())
    return std::nullopt;
  struct stat about {};
  if (::stat(cwd.c_str(), &about) != 0)
    return launch_failure{"cwd " + cwd + " does not exist",
                          "Create this folder or correct \"cwd\" of this server."};
  if (!S_ISDIR(about.st_mode))
    return launch_failure{"cwd " + cwd + " is not a folder", "Correct \"cwd\" of this server."};
  if (::faccessat(AT_FDCWD, cwd.c_str(), X_OK, AT_EACCESS) != 0)
    return launch_failure{"cwd " + cwd + " may not be entered",
                          "Grant access to this folder or correct \"cwd\" of this server."};
  return std::nullopt;
}

} // namespace

std::variant<program_place, launch_failure> find_program(const launch_spec& spec) {
  auto& command = spec.command;
  if (command.empty())
    return launch_failure{"the command is empty", "Set \"command\" of this server."};
  if (auto bad = check_cwd(spec.cwd))
    return std::move(*bad);
  auto refuse = [](const std::string& path, obstacle why) {
    if (why == obstacle::folder)
      return launch_failure{path + " is a folder, not a program", "Correct \"command\" of this server."};
    return launch_failure{path + " is not executable", "Run chmod +x on it or correct \"command\" of this server."};
  };
  if (command.find('/') != std::string::npos) {
    auto why = obstacle_at(command, spec.cwd);
    if (why == obstacle::none)
      return program_place{command, {}};
    if (why == obstacle::missing)
      return launch_failure{command + " does not exist",
                            "Install the program or correct \"command\" of this server."};
    return refuse(command, why);
  }
  auto path = variable_of(spec, "PATH").value_or(default_path);
  std::optional<launch_failure> seen;
  for (auto rest = path;;) {
    auto colon = rest.find(':');
    auto folder = rest.substr(0, colon);
    // An empty entry of PATH is the current folder.
    auto candidate = folder.empty() ? "./" + command : std::string{folder} + "/" + command;
    auto why = obstacle_at(candidate, spec.cwd);
    if (why == obstacle::none)
      return program_place{candidate, {}};
    if (why == obstacle::not_executable && !seen)
      seen = refuse(candidate, why);
    if (colon == std::string_view::npos)
      break;
    rest.remove_prefix(colon + 1);
  }
  auto usual = usual_program_folders(std::string{variable_of(spec, "HOME").value_or("")});
  auto searched = ":" + std::string{path} + ":";
  std::erase_if(usual, [&](auto& folder) { return searched.find(":" + folder + ":") != std::string::npos; });
  for (auto& folder : usual)
    if (auto candidate = folder + "/" + command; obstacle_at(candidate, spec.cwd) == obstacle::none)
      return program_place{candidate, folder};
  if (seen)
    return std::move(*seen);
  std::string others;
  for (auto& folder : usual)
    others += (others.empty() ? "" : ", ") + folder;
  return launch_failure{command + ": not found in PATH " + std::string{path}
                          + (others.empty() ? "" : ", nor in " + others),
                        "Install " + command + ", or write its full path as \"command\" or its folder in PATH "
                          "under \"env\" of this server."};
}

} // namespace hub
