#pragma once

#include "actors/telemetry/otlp_spans.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// Collects the traces of calls for a collector, in batches of which one is on its way at a time. A batch that
/// the collector cannot take now is sent again after a pause; what comes when there is no room is dropped and
/// counted. It has no socket and no clock in it.
class span_export {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The calls, and the bytes of their spans, that wait at most, those on the way not counted.
  static constexpr size_t calls_limit = 2048;
  static constexpr size_t bytes_limit = 4 * 1024 * 1024;

  /// A batch is sent when it has so many calls, or is so old.
  static constexpr size_t batch_calls = 512;
  static constexpr std::chrono::seconds batch_age{1};

  /// How often a batch is sent at most.
  static constexpr int tries_limit = 5;

  /// The pauses between, doubled each time.
  static constexpr std::chrono::seconds first_pause{1};
  static constexpr std::chrono::seconds longest_pause{30};

  void add(const call_trace& x, time_point now);

  /// The spans that are to be sent now; nothing if none are due or some are on their way. They stay until
  /// there is an answer.
  std::optional<std::string_view> next(time_point now);

  /// What is on its way has arrived, or could not be sent.
  /// @param status Of HTTP; 0 if there was no answer.
  void on_answer(int status, time_point now);

  /// Whatever waits is due: the hub ends. A batch that fails is not sent again.
  void hurry() noexcept {
    hurried_ = true;
  }

  bool empty() const noexcept {
    return waiting_.calls == 0 && !sending_;
  }

  bool on_the_way() const noexcept {
    return sending_ && !paused_until_;
  }

  /// Calls whose spans the collector has taken, and calls that were dropped.
  uint64_t sent() const noexcept {
    return sent_;
  }

  uint64_t dropped() const noexcept {
    return dropped_;
  }

  /// Whether the last answer was a good one, or none came yet.
  bool works() const noexcept {
    return works_;
  }

private:
  struct batch {
    std::string spans;
    size_t calls = 0;
    time_point since;
  };

  otlp_spans writer_;
  batch waiting_;
  std::optional<batch> sending_;
  std::optional<time_point> paused_until_;
  int tries_ = 0;
  uint64_t sent_ = 0;
  uint64_t dropped_ = 0;
  bool works_ = true;
  bool hurried_ = false;
};

} // namespace hub
