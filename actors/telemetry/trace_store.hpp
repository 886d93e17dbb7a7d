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

  /// Keeps a call in the place of the oldest one.
  /// @param target As for `call_trace`.
  const call_trace& add(const call_record& x, std::string_view target) {
    if (kept_.size() < capacity)
      return kept_.emplace_back(x, target);
    auto& place = kept_[oldest_];
    oldest_ = (oldest_ + 1) % capacity;
    place.assign(x, target);
    return place;
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
  /// The call with this place in the order in which they ended.
  const call_trace& at(size_t place) const {
    return kept_[(oldest_ + place) % kept_.size()];
  }

  /// They go round once all places are taken.
  std::deque<call_trace> kept_;
  size_t oldest_ = 0;
};

/// Calls as JSON: `{"traces":[...]}`, each without its steps.
std::string traces_json(const std::vector<const call_trace*>& calls);

/// The calls of one trace with their steps as JSON. Times are in microseconds from the beginning of the first.
std::string trace_json(const std::vector<const call_trace*>& calls);

} // namespace hub
