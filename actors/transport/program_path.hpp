#pragma once

#include "messages/server_config.hpp"

#include <string>
#include <variant>

namespace hub {

/// Why a program cannot be started.
struct launch_failure {
  /// Goes on after a colon, without a full stop.
  std::string cause;

  /// A sentence: what the user can do.
  std::string fix;
};

/// Finds what `spec.command` names: a path with a slash as it is (relative to
/// `spec.cwd`), else the first executable of that name in the PATH of
/// `spec.env`, which is the child's and not the hub's.
/// @return A path for `posix_spawn`, or why there is none: no command, no such
///         folder to run in, not found, a folder, not executable.
std::variant<std::string, launch_failure> find_program(const launch_spec& spec);

} // namespace hub
