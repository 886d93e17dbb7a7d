#pragma once

#include "tests/bench/client_session.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace hub::bench {

/// What one run of the load generator saw, printed as a line of JSON.
class measurement {
public:
  /// `watched` is the process whose processor time per call is wanted, or 0; `beside` are others that belong to the
  /// measured path, so that what they use is not taken for foreign load.
  explicit measurement(pid_t watched, std::vector<pid_t> beside = {});

  /// Begins the window that counts; what came before was warm-up.
  void begin();

  /// Ends the window.
  void end();

  /// Counts an answer that came in the window.
  void add(std::chrono::nanoseconds latency, size_t bytes);

  /// Counts a wrong or missing answer; the first one is printed. Errors count outside of the window too.
  void add_error(std::string_view what);

  /// Prints the line: times in microseconds, rates per second, MB of 1,000,000 bytes.
  void print(size_t sessions);

private:
  [[nodiscard]] uint64_t own_family_ns() const;

  pid_t watched_;
  std::vector<pid_t> beside_;
  std::vector<pid_t> children_;
  std::vector<uint32_t> latencies_ns_;
  uint64_t bytes_ = 0;
  uint64_t errors_ = 0;
  std::string first_error_;
  steady::time_point begin_{};
  steady::time_point end_{};
  uint64_t watched_ns_ = 0;
  uint64_t family_ns_ = 0;
  uint64_t machine_ns_ = 0;
};

} // namespace hub::bench
