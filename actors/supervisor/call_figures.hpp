#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace hub {

/// Counts the calls of one server and remembers how long the last ones took.
class call_figures {
public:
  /// How many calls the percentile looks at.
  static constexpr size_t window = 256;

  /// @param duration_us What the call took, in microseconds; at most an hour is
  ///                    remembered.
  void add(int64_t duration_us, bool failed) noexcept;

  uint64_t calls() const noexcept {
    return calls_;
  }

  uint64_t errors() const noexcept {
    return errors_;
  }

  /// The 95th percentile of the last calls in milliseconds; 0 without calls.
  double p95_ms() const noexcept;

private:
  uint64_t calls_ = 0;
  uint64_t errors_ = 0;

  /// Microseconds, as a ring.
  std::array<uint32_t, window> durations_{};
};

} // namespace hub
