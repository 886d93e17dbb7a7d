#pragma once

#include "tests/bench/tool_call.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace hub::bench {

/// What the command line of the load generator asks for.
struct load_options {
  uint16_t port = 0;
  std::string path = "/mcp";
  call_shape shape;
  size_t sessions = 1;
  size_t calls_per_session = 0; ///< 0: as many as the time allows.
  double seconds = 2;
  double warmup_seconds = .3;
  double limit_seconds = 10; ///< How long any one answer may take, also after the end.
  pid_t watched = 0;
  std::vector<pid_t> beside;
  bool streams = false;             ///< `hold`: each session has an event stream open as well.
  std::vector<std::string> command; ///< `pipe` and `start`: what to run.
};

/// Each returns an exit code and throws `std::runtime_error` when it cannot even begin.

/// `sessions` clients, each with one call at a time, against a running contender.
int run_calls(const load_options& options);

/// One client on the pipes of `command`, without anything between: the round trip that nothing can beat.
int run_pipe(const load_options& options);

/// Opens `sessions` sessions, says so on a line, and keeps them idle until standard input ends.
int run_hold(const load_options& options);

/// Starts `command` and says how long after exec `initialize` and then `tools/list` were answered; ends it with
/// SIGTERM.
int run_start(const load_options& options);

} // namespace hub::bench
