#pragma once

#include <chrono>
#include <csignal>

namespace hub {

/// The signals that end the hub, taken by the main thread one by one. Make it
/// before the first thread, which inherits that they are blocked. Children do
/// not: the transport resets their masks.
class end_signals {
public:
  end_signals();

  /// Waits for one; 0 if none came in time.
  int wait(std::chrono::milliseconds limit);

  /// Waits for one for as long as it takes.
  int wait();

  /// Acts as if one had come. Safe from any thread.
  static void raise() noexcept;

private:
  sigset_t set_;
};

} // namespace hub
