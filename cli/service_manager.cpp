#include "cli/service_manager.hpp"

#include "cli/exit_code.hpp"
#include "cli/program_output.hpp"
#include "service/units/systemd_unit.hpp"

#include <chrono>
#include <cstdlib>
#include <pwd.h>
#include <unistd.h>

namespace hub::cli {

namespace {

/// The value of `NAME=value` in lines of such.
std::string property(const std::string& text, const std::string& name) {
  auto begin = text.starts_with(name + "=") ? 0 : text.find("\n" + name + "=");
  if (begin == std::string::npos)
    return {};
  begin = text.find('=', begin) + 1;
  return text.substr(begin, text.find('\n', begin) - begin);
}

} // namespace

unit_state ask_systemd() {
  unit_state result;
  auto answer = run_program({"systemctl", "--user", "show", std::string{systemd_unit_name}, "--property",
                             "LoadState,UnitFileState,ActiveState,SubState,Result,MainPID,NRestarts"},
                            std::chrono::seconds{10});
  if (answer.code != 0) {
    result.cause = answer.text.empty() ? "there is no systemctl" : answer.text;
    return result;
  }
  result.reachable = true;
  result.load = property(answer.text, "LoadState");
  result.enabled = property(answer.text, "UnitFileState");
  result.active = property(answer.text, "ActiveState");
  result.sub = property(answer.text, "SubState");
  result.result = property(answer.text, "Result");
  result.restarts = property(answer.text, "NRestarts");
  result.pid = static_cast<pid_t>(std::atoi(property(answer.text, "MainPID").c_str()));
  return result;
}

void tell_systemd(const std::vector<std::string>& action) {
  std::vector<std::string> words = {"systemctl", "--user"};
  words.insert(words.end(), action.begin(), action.end());
  auto answer = run_program(words);
  if (answer.code != 0)
    throw command_error{"systemctl --user " + action.front() + " failed: " + answer.text
                        + "\nSee slm-hub service status, and journalctl --user -u slm-hub"};
}

std::filesystem::path systemd_unit_file(const variable_map& environment) {
  auto* base = find_variable(environment, "XDG_CONFIG_HOME");
  auto folder = base && base->starts_with('/') ? std::filesystem::path{*base}
                                               : std::filesystem::path{home_folder(environment)} / ".config";
  return folder / "systemd/user" / systemd_unit_name;
}

bool lingers() {
  auto* user = ::getpwuid(::getuid());
  std::error_code ignored;
  return user && std::filesystem::exists(std::filesystem::path{"/var/lib/systemd/linger"} / user->pw_name, ignored);
}

bool stop_service(const variable_map& environment, pid_t pid) {
  std::error_code ignored;
  if (!std::filesystem::exists(systemd_unit_file(environment), ignored))
    return false;
  auto state = ask_systemd();
  if (!state.reachable || state.pid != pid)
    return false;
  tell_systemd({"stop", std::string{systemd_unit_name}});
  return true;
}

} // namespace hub::cli
