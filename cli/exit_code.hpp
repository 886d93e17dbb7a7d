#pragma once

#include <stdexcept>
#include <string>

namespace hub::cli {

/// What the program tells the shell.
enum class exit_code {
  ok = 0,

  /// It could not be done: the hub does not run, a tool failed, a file is wrong.
  error = 1,

  /// The command line makes no sense.
  usage = 2,
};

/// Ends a command with a message for the user, which names cause and fix.
class command_error : public std::runtime_error {
public:
  explicit command_error(const std::string& message, exit_code code = exit_code::error)
    : std::runtime_error(message), code_(code) {
    // nop
  }

  exit_code code() const noexcept {
    return code_;
  }

private:
  exit_code code_;
};

/// No hub runs on the folder.
class hub_away : public command_error {
public:
  using command_error::command_error;
};

} // namespace hub::cli
