#pragma once

#include "actors/telemetry/call_trace.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hub {

/// The last calls, for `slm-hub trace`.
class trace_store {
public:
  /// How many are kept; about half a kilobyte each.
  static constexpr size_t capacity = 1000;

  void add(call_trace x) {
    if (kept_.size() >= capacity)
      kept_.pop_front();
    kept_.push_back(std::move(x));
  }

  size_t size() const noexcept {
    return kept_.size();
  }

  /// The newest calls, newest first.
  std::vector<const call_trace*> newest(size_t limit) const;

  /// How many traces have an id that begins with some text.
  enum class match : uint8_t { none, several };

  /// The calls of the one trace whose id begins with `prefix`, in the order in which they began.
  std::variant<std::vector<const call_trace*>, match> find(std::string_view prefix) const;

private:
  /// In the order in which they ended.
  std::deque<call_trace> kept_;
};

/// Calls as JSON: `{"traces":[...]}`, each without its steps.
std::string traces_json(const std::vector<const call_trace*>& calls);

/// The calls of one trace with their steps as JSON. Times are in microseconds from the beginning of the first.
std::string trace_json(const std::vector<const call_trace*>& calls);

} // namespace hub
