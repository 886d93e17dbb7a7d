#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace hub::cli {

/// How a program ended.
struct program_output {
  /// Its exit code; -1 if it could not be started, was killed, or took too long.
  int code = -1;

  /// What it printed on standard output and standard error, 64 KiB at most.
  std::string text;
};

/// Runs a program, found in PATH, with nothing to read, and waits until it ends. It is
/// killed after `limit`.
program_output run_program(const std::vector<std::string>& words,
                           std::chrono::milliseconds limit = std::chrono::seconds{90});

} // namespace hub::cli
