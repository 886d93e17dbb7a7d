#include "service/config/environment.hpp"

#include <pwd.h>
#include <unistd.h>

namespace hub {

variable_map process_environment() {
  variable_map result;
  for (auto** i = ::environ; i && *i; ++i) {
    std::string_view entry{*i};
    if (auto equals = entry.find('='); equals != std::string_view::npos)
      result.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return result;
}

const std::string* find_variable(const variable_map& variables, std::string_view name) {
  auto i = variables.find(name);
  return i == variables.end() ? nullptr : &i->second;
}

std::string home_folder(const variable_map& environment) {
  if (auto* home = find_variable(environment, "HOME"); home && !home->empty())
    return *home;
  passwd entry = {};
  passwd* found = nullptr;
  std::string buffer(16384, '\0');
  ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found);
  return found && found->pw_dir ? found->pw_dir : "";
}

config_result<std::filesystem::path> config_folder(const variable_map& environment) {
  auto home = home_folder(environment);
  std::filesystem::path result;
  auto* given = find_variable(environment, "SLM_HUB_CONFIG_DIR");
  if (given && !given->empty())
    result = expand_tilde(*given, home);
  else if (!home.empty())
    result = std::filesystem::path{home} / ".slm-mcp-hub";
  else
    return config_error{"HOME", "there is no home folder for the configuration",
                        "set HOME or SLM_HUB_CONFIG_DIR"};
  std::error_code error;
  result = std::filesystem::absolute(result, error).lexically_normal();
  if (std::filesystem::exists(result, error) && !std::filesystem::is_directory(result, error))
    return config_error{given ? "SLM_HUB_CONFIG_DIR" : "HOME",
                        result.string() + " is no folder",
                        "set SLM_HUB_CONFIG_DIR to a folder"};
  return result;
}

std::string expand_tilde(std::string text, std::string_view home) {
  if (!home.empty() && (text == "~" || text.compare(0, 2, "~/") == 0))
    text.replace(0, 1, home);
  return text;
}

} // namespace hub
