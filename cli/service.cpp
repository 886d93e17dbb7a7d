#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/service_manager.hpp"
#include "messages/rpc/json_scan.hpp"
#include "service/units/launchd_plist.hpp"
#include "service/units/systemd_unit.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <ostream>
#include <sstream>
#include <unistd.h>

namespace hub::cli {

namespace {

namespace fs = std::filesystem;

#ifdef __APPLE__
constexpr bool has_launchd = true;
#else
constexpr bool has_launchd = false;
#endif

std::string contents_of(const fs::path& file) {
  std::ifstream in{file};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Whether a kernel setting has this value; false if there is no such setting.
bool setting_is(const char* file, std::string_view value) {
  auto text = contents_of(file);
  return text.substr(0, text.find('\n')) == value;
}

/// Each of these is a way in which systems keep users from making namespaces.
bool users_may_make_namespaces() {
  return !setting_is("/proc/sys/kernel/unprivileged_userns_clone", "0")
         && !setting_is("/proc/sys/user/max_user_namespaces", "0")
         && !setting_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1");
}

fs::path unit_file(const command_context& context) {
  if (has_launchd)
    return fs::path{home_folder(context.environment)} / "Library/LaunchAgents" / (std::string{launchd_label} + ".plist");
  return systemd_unit_file(context.environment);
}

unit_settings settings_of(const command_context& context, const service_options& options) {
  unit_settings result;
  auto folder = fs::absolute(context.folder()).lexically_normal();
  result.folder = folder.string();
  result.command = daemon_command(context, {});
  auto self = fs::read_symlink("/proc/self/exe");
  result.reload_command = {self.string(), "--config-dir", result.folder, "reload"};
  auto* path = find_variable(context.environment, "PATH");
  result.path = path ? *path : "/usr/local/bin:/usr/bin:/bin";
  for (auto& x : options.writable)
    result.writable.push_back(fs::absolute(x).lexically_normal().string());
  result.namespaces = users_may_make_namespaces();
  return result;
}

/// Puts the file in its place whole, or not at all.
void write_file(const fs::path& file, const std::string& text) {
  std::error_code wrong;
  fs::create_directories(file.parent_path(), wrong);
  auto draft = fs::path{file.string() + "." + std::to_string(::getpid())};
  {
    std::ofstream out{draft};
    out << text << std::flush;
    if (!out)
      throw command_error{"cannot write " + draft.string() + ": " + std::strerror(errno)
                          + "; see that its folder can be written"};
  }
  fs::rename(draft, file, wrong);
  if (wrong)
    throw command_error{"cannot write " + file.string() + ": " + wrong.message()};
}

/// The hub of this folder, as `/api/health` says; empty if none answers.
std::string running_hub(const command_context& context) {
  try {
    return context.hub().ask("GET", "/api/health");
  } catch (const command_error&) {
    return {};
  }
}

void refuse_other_folder(const command_context& context, const fs::path& file) {
  auto theirs = folder_of_systemd_unit(contents_of(file));
  auto ours = fs::absolute(context.folder()).lexically_normal().string();
  if (!theirs.empty() && theirs != ours)
    throw command_error{file.string() + " runs the hub of the folder " + theirs + ", not of " + ours
                        + ". Take it away first: slm-hub --config-dir " + theirs + " service uninstall"};
}

/// Enables the unit and starts it, as far as that can be done.
void start_unit(const command_context& context, bool changed) {
  auto& out = context.io.out;
  auto unit = std::string{systemd_unit_name};
  auto state = ask_systemd();
  if (!state.reachable) {
    out << "No systemd of this user can be reached (" << printable_line(state.cause) << "), so it is not started.\n"
        << "Where there is one: systemctl --user enable --now slm-hub\n"
        << "Without one:        slm-hub start --detach\n";
    return;
  }
  tell_systemd({"daemon-reload"});
  tell_systemd({"enable", unit});
  auto hub = running_hub(context);
  if (state.active == "active") {
    out << "The unit runs (process " << state.pid << ").\n";
    if (changed)
      out << "Next, to run it as it is written now: systemctl --user restart slm-hub\n";
  } else if (!hub.empty()) {
    out << "A hub that was started by hand runs (process " << integer_field(hub, "pid") << ").\n"
        << "Next, to have the unit run it: slm-hub stop && systemctl --user start slm-hub\n";
  } else {
    tell_systemd({"start", unit});
    out << "The unit runs.\nNext: slm-hub service status\n";
  }
  if (!lingers())
    out << "It ends when you log out; to have it run from boot on: loginctl enable-linger\n";
}

} // namespace

exit_code service_install(const command_context& context, const service_options& options) {
  auto& out = context.io.out;
  auto file = unit_file(context);
  auto settings = settings_of(context, options);
  // The unit names it, and its sandbox wants it to be there.
  std::error_code ignored;
  if (fs::create_directories(settings.folder, ignored))
    fs::permissions(settings.folder, fs::perms::owner_all, ignored);
  if (!has_launchd)
    refuse_other_folder(context, file);
  auto text = has_launchd ? launchd_plist(settings) : systemd_unit(settings);
  auto changed = contents_of(file) != text;
  if (changed)
    write_file(file, text);
  out << (changed ? "Wrote " : "Nothing to change in ") << file.string() << '\n';
  if (has_launchd)
    out << "Next: launchctl bootstrap gui/" << ::getuid() << ' ' << file.string() << '\n';
  else
    start_unit(context, changed);
  return exit_code::ok;
}

exit_code service_uninstall(const command_context& context) {
  auto& out = context.io.out;
  auto file = unit_file(context);
  if (!fs::exists(file)) {
    out << "There is no unit at " << file.string() << '\n';
    return exit_code::ok;
  }
  if (has_launchd) {
    out << "First, if it runs: launchctl bootout gui/" << ::getuid() << '/' << launchd_label << '\n';
  } else {
    refuse_other_folder(context, file);
    if (ask_systemd().reachable)
      tell_systemd({"disable", "--now", std::string{systemd_unit_name}});
  }
  std::error_code wrong;
  fs::remove(file, wrong);
  if (wrong)
    throw command_error{"cannot remove " + file.string() + ": " + wrong.message()};
  if (!has_launchd && ask_systemd().reachable)
    tell_systemd({"daemon-reload"});
  out << "Removed " << file.string() << '\n';
  if (auto hub = running_hub(context); !hub.empty())
    out << "A hub that was started by hand still runs (process " << integer_field(hub, "pid")
        << "). End it with: slm-hub stop\n";
  return exit_code::ok;
}

exit_code service_status(const command_context& context, const service_options& options) {
  auto& out = context.io.out;
  auto file = unit_file(context);
  auto unit = contents_of(file);
  auto state = has_launchd ? unit_state{} : ask_systemd();
  auto hub = running_hub(context);
  auto pid = integer_field(hub, "pid");
  auto by_unit = pid != 0 && pid == state.pid;
  if (options.json) {
    std::string json;
    auto text = [&json](std::string_view key, const std::string& value) {
      append_member(json, key, rpc::quote(value));
    };
    auto flag = [&json](std::string_view key, bool value) { append_member(json, key, value ? "true" : "false"); };
    text("unit_file", file.string());
    flag("installed", !unit.empty());
    text("folder", folder_of_systemd_unit(unit));
    flag("manager_reachable", state.reachable);
    text("manager_error", state.cause);
    text("enabled", state.enabled);
    text("active", state.active);
    text("sub", state.sub);
    text("result", state.result);
    append_member(json, "unit_pid", std::to_string(state.pid));
    append_member(json, "restarts", state.restarts.empty() ? "0" : state.restarts);
    flag("linger", lingers());
    flag("hub_running", pid != 0);
    append_member(json, "hub_pid", std::to_string(pid));
    flag("hub_by_unit", by_unit);
    out << '{' << json << "}\n";
    return exit_code::ok;
  }
  out << "unit     " << (unit.empty() ? "not installed; slm-hub service install writes " : "") << file.string() << '\n';
  if (auto folder = folder_of_systemd_unit(unit); !folder.empty())
    out << "folder   " << folder << '\n';
  if (!has_launchd) {
    if (state.reachable)
      out << "systemd  " << (state.enabled.empty() ? "not enabled" : state.enabled) << ", " << state.active << " ("
          << state.sub << "), last result " << state.result << ", restarted " << state.restarts << " times\n";
    else
      out << "systemd  cannot be reached: " << printable_line(state.cause) << '\n';
    out << "linger   " << (lingers() ? "yes: runs from boot on" : "no: ends at logout (loginctl enable-linger)") << '\n';
  }
  if (pid == 0)
    out << "hub      does not run\n";
  else
    out << "hub      runs (process " << pid << "), up " << integer_field(hub, "uptime_seconds") << " s, "
        << (by_unit ? "by the unit" : "not by the unit") << '\n';
  return exit_code::ok;
}

} // namespace hub::cli
