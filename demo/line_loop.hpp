#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hub::demo {

/// Reads lines from one descriptor and writes lines to another on one thread,
/// and calls back when a time has come. Who does not read what it is sent is not
/// read from either, so that memory stays bounded.
class line_loop {
public:
  using clock = std::chrono::steady_clock;

  struct callbacks {
    /// Takes a line without its newline.
    std::function<void(std::string_view)> on_line;

    /// Takes a line that is longer than the bound and was thrown away.
    std::function<void()> on_long_line;

    /// Called before each wait.
    std::function<void()> on_time;

    /// When to wake at the latest; nothing waits for the descriptors alone.
    std::function<std::optional<clock::time_point>()> next_time;
  };

  line_loop(int input, int output) noexcept;

  /// Queues a line; its newline is added.
  void write(std::string_view line);

  /// Runs until the input ends, and then until all is written. Returns false if
  /// a descriptor failed or nobody reads the output any more.
  bool run(const callbacks& on);

private:
  bool read_some(const callbacks& on);
  bool write_some();

  int input_;
  int output_;
  std::string read_;
  std::string queued_;
  size_t written_ = 0;
  bool skipping_ = false;
};

} // namespace hub::demo
