#pragma once

#include "messages/answer.hpp"
#include "messages/reply.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <utility>

namespace hub {

/// Answers that wait until what they cost is on disk, for a short time at most: a disk that
/// hangs must not keep them. As long as it does, none is held.
class held_answers {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The most that an answer waits; it is looked at with each tick of the call path.
  static constexpr std::chrono::milliseconds time_limit{250};

  bool empty() const noexcept {
    return held_.empty();
  }

  /// Holds an answer, or gives it at once if the disk is known to hang.
  /// @returns By what it is released.
  uint64_t hold(reply<rpc_answer> asker, rpc_answer answer, time_point now) {
    auto number = ++last_;
    if (hangs_)
      asker.deliver(std::move(answer));
    else
      held_.emplace(number, held{std::move(asker), std::move(answer), now + time_limit});
    return number;
  }

  /// The disk has answered.
  void release(uint64_t number) {
    hangs_ = false;
    if (auto i = held_.find(number); i != held_.end()) {
      auto x = std::move(i->second);
      held_.erase(i);
      x.asker.deliver(std::move(x.answer));
    }
  }

  /// Gives what has waited for too long.
  void release_late(time_point now) {
    while (!held_.empty() && held_.begin()->second.until <= now) {
      auto x = std::move(held_.begin()->second);
      held_.erase(held_.begin());
      x.asker.deliver(std::move(x.answer));
      hangs_ = true;
    }
  }

private:
  struct held {
    reply<rpc_answer> asker;
    rpc_answer answer;
    time_point until;
  };

  /// In the order in which they came, and so of their limits.
  std::map<uint64_t, held> held_;
  uint64_t last_ = 0;
  bool hangs_ = false;
};

} // namespace hub
