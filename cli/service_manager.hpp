#pragma once

#include "service/config/environment.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace hub::cli {

/// What the user's systemd says of the hub's unit.
struct unit_state {
  /// Whether a systemd of this user answers; nothing else is known without.
  bool reachable = false;

  /// Why not.
  std::string cause;

  /// As systemd calls them: `loaded`, `enabled`, `active`, `running`, `success`.
  std::string load;
  std::string enabled;
  std::string active;
  std::string sub;
  std::string result;

  /// 0 if it does not run.
  pid_t pid = 0;

  /// How often it was started again by itself.
  std::string restarts;
};

unit_state ask_systemd();

/// Runs `systemctl --user` with these words; throws `command_error` with its words if that fails.
void tell_systemd(const std::vector<std::string>& action);

/// Where the unit of a user lies (systemd.unit(5)), whether it is there or not.
std::filesystem::path systemd_unit_file(const variable_map& environment);

/// Whether this user's systemd runs without a login.
bool lingers();

/// Stops the unit if `pid` is its process, and returns whether it is.
bool stop_service(const variable_map& environment, pid_t pid);

} // namespace hub::cli
