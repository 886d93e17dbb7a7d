#pragma once

#include "actors/lock/lock_table.hpp"
#include "messages/reply.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <memory>
#include <unordered_map>

namespace hub {

struct lock_settings {
  /// See `lock_table`; 0 is the system's clock, in microseconds since 1970.
  uint64_t first_token = 0;

  lock_limits limits{};
};

/// Keeps the named locks of this hub, for sessions and whoever else may come to hold some.
/// It watches the sessions that hold or wait, and frees what they have when they end. It
/// owns the table and the answers to those who wait; if it dies, they get an error and all
/// locks are free, with greater tokens for those who come next.
struct lock_keeper_state {
  lock_keeper_state() = default;

  std::unique_ptr<lock_table> table;

  /// Who waits for an answer, by the number of the request.
  std::unordered_map<uint64_t, reply<lock_taken>> askers;
  uint64_t last_number = 0;

  /// The sessions that are watched, with their scopes.
  std::unordered_map<caf::actor_id, uint64_t> owners;

  /// When the next tick comes that was asked for; `max()` if none.
  lock_table::time ticks_at = lock_table::time::max();

  static constexpr const char* name = "lock-keeper";
};

lock_actor::behavior_type lock_keeper(lock_actor::stateful_pointer<lock_keeper_state> self, lock_settings settings);

} // namespace hub
