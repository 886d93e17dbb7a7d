#pragma once

#include "messages/lock.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// The bounds of a lock table.
struct lock_limits {
  /// Locks that are held at a time, by all and by one session.
  size_t locks = 1000;
  size_t locks_of_owner = 64;

  /// Requests that wait for one lock.
  size_t waiters = 100;
};

/// Who holds which named lock, and who waits. A lock goes to whoever waits for it longest.
/// It is held until it is released, its lease ends, or its owner does. It knows no actor and
/// no clock: the caller says what time it is, and gives each request that waits a number.
class lock_table {
public:
  using time = std::chrono::steady_clock::time_point;

  /// Answers that are due, by the numbers of their requests.
  using answers = std::vector<std::pair<uint64_t, lock_taken>>;

  /// @param first_token Every token is greater. Microseconds since 1970 at the start, so
  ///   that tokens grow over restarts as long as the system's clock does and no hub gives
  ///   out a million a second; they fit into the 53 bits of JSON's numbers.
  lock_table(uint64_t first_token, lock_limits limits) : limits_(limits), last_token_(first_token) {
    // nop
  }

  /// Takes a request. It is answered at once, in `out`, or when its turn or its end comes.
  /// Whoever holds the lock already gets another lease under the same token.
  void take(uint64_t number, const take_lock& x, time now, answers& out);

  /// Gives a lock back, which may be the turn of another.
  lock_released release(const release_lock& x, time now, answers& out);

  /// Takes requests that wait back.
  void cancel(const cancel_lock_wait& x, answers& out);

  /// Frees all that a session holds and takes its requests back.
  void end_owner(uint64_t scope, time now, answers& out);

  /// Ends leases and waits that are over.
  void tick(time now, answers& out);

  /// Whether somebody holds the lock; with a token, whether it is under that one.
  bool is_held(const std::string& name, uint64_t token = 0) const;

  /// When `tick` is due next; `time::max()` if nothing is held.
  time next_tick() const;

  locks_listed list(time now) const;

private:
  struct waiter {
    uint64_t number = 0;
    take_lock request;
    time deadline;
  };

  struct held_lock {
    lock_owner owner;
    uint64_t token = 0;
    time since;
    time ends;
    std::deque<waiter> waiters;
  };

  using lock_map = std::map<std::string, held_lock>;

  static bool holds(const held_lock& lock, const lock_owner& owner, uint64_t token);

  lock_taken grant(held_lock& lock, const take_lock& x, time now);

  /// The lock goes to the next one; returns the lock after it.
  lock_map::iterator pass_on(lock_map::iterator lock, time now, answers& out);

  size_t held_by(const lock_owner& owner) const;

  lock_limits limits_;
  uint64_t last_token_;

  /// Those that are held; one that nobody holds has nobody waiting.
  lock_map locks_;
};

} // namespace hub
