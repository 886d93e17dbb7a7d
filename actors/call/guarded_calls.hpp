#pragma once

#include "actors/call/call_table.hpp"
#include "messages/plugin.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hub {

/// Calls that wait for what plugins say of them, each for as many answers as plugins were
/// asked, and for none longer than its time limit.
class guarded_calls {
public:
  using time_point = call_table::time_point;
  using guard_ptr = std::shared_ptr<const call_guard>;

  /// A call waits.
  void add(call_id call, cache_rule_ptr rule);

  /// For one plugin more.
  /// @return The number of this question.
  uint64_t ask(call_id call, guard_ptr guard, time_point deadline);

  /// A question is answered. Returns its call; nothing if nobody waits for it any more.
  std::optional<call_id> answer(uint64_t question);

  /// A call that waits for nobody any more is taken out: what the cache may do with it;
  /// nothing if it waits, or is not here.
  std::optional<cache_rule_ptr> take_if_free(call_id call);

  /// A call is over.
  void drop(call_id call);

  /// A question whose time is up.
  struct late_question {
    call_id call = 0;
    guard_ptr guard;
  };

  /// Takes out the questions whose time is up.
  std::vector<late_question> take_late(time_point now);

  /// When the next one is.
  std::optional<time_point> next() const;

  bool empty() const noexcept {
    return calls_.empty();
  }

private:
  /// Questions in the order of their deadlines; the number tells those of a moment apart.
  using timetable = std::map<std::pair<time_point, uint64_t>, late_question>;

  struct entry {
    cache_rule_ptr rule;

    /// The questions that are open.
    std::vector<uint64_t> open;
  };

  /// Forgets a question, but not in the entry of its call.
  void erase(uint64_t question);

  std::unordered_map<call_id, entry> calls_;
  std::unordered_map<uint64_t, timetable::iterator> questions_;
  timetable due_;
  uint64_t last_ = 0;
};

} // namespace hub
