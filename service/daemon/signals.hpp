#pragma once

#include <chrono>
#include <csignal>

namespace hub {

/// The signals that end the hub, have it read its configuration (SIGHUP) or begin anew
/// (SIGUSR2), taken by the main thread one by one. While it waits it also ends and reaps what servers
/// leave behind, as SIGCHLD tells (`offspring`). Make it
/// before the first thread, which inherits that they are blocked. Children do
/// not: the transport resets their masks.
class end_signals {
public:
  end_signals();

  /// Waits for one; 0 if none came in time.
  int wait(std::chrono::milliseconds limit);

  /// Waits for one for as long as it takes.
  int wait();

  /// Act as if SIGTERM or SIGUSR2 had come. Safe from any thread.
  static void raise() noexcept;
  static void raise_restart() noexcept;

private:
  sigset_t set_;
};

} // namespace hub
