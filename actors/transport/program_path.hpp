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

/// A program that was found.
struct program_place {
  /// For `posix_spawn`.
  std::string path;

  /// Not empty if it is in no folder of the child's PATH, but in this one, in which the
  /// programs will be that it needs itself.
  std::string folder;
};

/// Finds what `spec.command` names: a path with a slash as it is (relative to
/// `spec.cwd`), else the first executable of that name in the PATH of
/// `spec.env`, which is the child's and not the hub's, and else in the usual folders
/// (`usual_program_folders`).
/// @return Where it is, or why it is nowhere: no command, no such folder to run in, not
///         found, a folder, not executable.
std::variant<program_place, launch_failure> find_program(const launch_spec& spec);

} // namespace hub
