#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace hub {

/// How a program ended that was run for what it prints.
struct program_result {
  /// What it wrote to stdout, and the first kilobyte of its stderr.
  std::string output;
  std::string complaint;

  /// Goes on after the program's name: `exited with 1`. Empty if it ended well.
  std::string failure;
};

/// Runs a program, without input, and waits for it. Its process group is killed when it has
/// ended, when `limit` is over, when it prints more than `bytes`, or soon after `ending` is set.
/// @param words The program, looked up in PATH, and its arguments; not empty.
program_result run_program(const std::vector<std::string>& words, std::chrono::milliseconds limit, size_t bytes,
                           const std::atomic<bool>& ending);

} // namespace hub
