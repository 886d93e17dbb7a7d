#pragma once

#include "actors/call/call_table.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hub {

/// Calls that wait for what plugins say of them, each for as many answers as plugins were
/// asked, and for none longer than its time limit.
class guarded_calls {
public:
  using time_point = call_table::time_point;

  /// A question that nobody has answered.
  struct question {
    call_id call = 0;

    /// Which plugin was asked.
    std::string plugin;
  };

  /// A call waits.
  void add(call_id call, cache_rule_ptr rule);

  /// For one plugin more.
  void ask(call_id call, std::string plugin, time_point deadline);

  /// A plugin has answered, or is not waited for any more. Returns whether the call waited
  /// for it.
  bool answer(call_id call, const std::string& plugin);

  /// Takes a call out that waits for nobody any more, and returns what the cache may do with
  /// it; nothing if it waits, or is not here.
  std::optional<cache_rule_ptr> take_if_free(call_id call);

  /// A call is over.
  void drop(call_id call);

  /// The questions whose time is up.
  std::vector<question> late(time_point now) const;

  /// When the next one is.
  std::optional<time_point> next() const;

  size_t size() const noexcept {
    return calls_.size();
  }

private:
  using timetable = std::multimap<time_point, question>;

  struct entry {
    cache_rule_ptr rule;

    /// Its questions, each a place in `due_`.
    std::vector<timetable::iterator> open;
  };

  std::unordered_map<call_id, entry> calls_;
  timetable due_;
};

} // namespace hub
