#pragma once

#include "actors/lock/lock_table.hpp"
#include "messages/memory.hpp"
#include "messages/reply.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

namespace hub {

struct lock_settings {
  /// See `lock_table`; 0 is the system's clock, in microseconds since 1970.
  uint64_t first_token = 0;

  lock_limits limits{};

  /// The mesh of the memory daemon, and whether it is there; null without one.
  mesh_lock_actor mesh{};
  memory_port_ptr memory = nullptr;
};

/// Sent by the keeper to itself: another agent had a lock in the mesh, which is asked again.
struct retry_mesh_lock {
  uint64_t number = 0;
};

using wired_lock_actor = protocol<
  caf::reacts_to<retry_mesh_lock>>::also<lock_actor>::handle;

/// Keeps the named locks of this hub, for sessions and whoever else may come to hold some.
/// It watches the sessions that hold or wait, and frees what they have when they end. It
/// owns the table and the answers to those who wait; if it dies, they get an error and all
/// locks are free, with greater tokens for those who come next. A lock that was given here is
/// taken in the mesh before its asker hears of it, if there is a mesh.
struct lock_keeper_state {
  lock_keeper_state() = default;

  std::unique_ptr<lock_table> table;

  lock_settings settings;

  /// A request that is not answered.
  struct asker {
    reply<lock_taken> answer;
    std::string name;
    lock_owner owner;
    uint64_t request_scope = 0;
    std::string request_id;
    lock_table::time deadline;
  };

  /// By the number of the request.
  std::unordered_map<uint64_t, asker> askers;
  uint64_t last_number = 0;

  /// Those whose turn it is here, and that wait for the mesh.
  struct meshing {
    lock_keeper_state::asker who;
    lock_taken granted;
  };
  std::unordered_map<uint64_t, meshing> meshed;

  /// Locks that this hub has in the mesh.
  std::set<std::string> mesh_locks;

  /// The sessions that are watched, with their scopes.
  std::unordered_map<caf::actor_id, uint64_t> owners;

  /// When the next tick comes that was asked for; `max()` if none.
  lock_table::time ticks_at = lock_table::time::max();

  static constexpr const char* name = "lock-keeper";
};

wired_lock_actor::behavior_type lock_keeper(wired_lock_actor::stateful_pointer<lock_keeper_state> self,
                                            lock_settings settings);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::retry_mesh_lock)
