#pragma once

#include "messages/client.hpp"
#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace hub {

/// Who holds a lock or waits for one: a session, or all stateless clients of a door, which
/// only their tokens tell apart.
struct lock_owner {
  /// The scope of the session's calls.
  uint64_t scope = 0;

  /// For people: what the client calls itself.
  std::string client{};

  /// Whether only who knows the token may renew and release.
  bool by_token = false;
};

/// Asks for a lock, or for another lease of one that is held.
struct take_lock {
  std::string name;
  lock_owner owner;

  /// How long it is held without being renewed.
  std::chrono::milliseconds lease{0};

  /// How long to wait while another one holds it; zero not at all.
  std::chrono::milliseconds wait{0};

  /// Of the lock that is to be renewed; 0 if the owner's session says enough.
  uint64_t token = 0;

  /// The request that asks, by the scope of its client and the JSON of its id, so that it
  /// can be taken back.
  uint64_t request_scope = 0;
  std::string request_id{};

  /// Frees what it holds when it ends; none for stateless clients.
  session_actor session{};
};

enum class lock_outcome : uint8_t {
  granted,   ///< Now, or once more.
  busy,      ///< Held by another one for longer than the asker waits.
  overloaded,///< Too many wait, or too many are held.
  cancelled, ///< Taken back, or its session has ended.
  not_held   ///< Nothing to renew or release.
};

/// The answer to `take_lock`.
struct lock_taken {
  lock_outcome outcome = lock_outcome::busy;

  /// The fencing token: greater than that of anybody who held the lock before. Whoever
  /// writes to something shared passes it on, and whoever keeps that refuses lower ones.
  uint64_t token = 0;

  /// The lease that was given.
  std::chrono::milliseconds lease{0};

  /// Who holds it, if another one does, and how long its lease lasts.
  std::string holder{};
  std::chrono::milliseconds holder_lease{0};

  /// What is full, if something is.
  std::string message{};

  /// Whether it holds, or is held, in the mesh of the memory daemon too, as far as that keeps
  /// its word.
  bool in_mesh = false;
};

/// Gives a lock back.
struct release_lock {
  std::string name;
  lock_owner owner;

  /// 0 if the owner's session says enough.
  uint64_t token = 0;
};

struct lock_released {
  lock_outcome outcome = lock_outcome::granted;
};

/// A client has taken a request back. Of an empty id, all of the scope.
struct cancel_lock_wait {
  uint64_t request_scope = 0;
  std::string request_id;
};

struct list_locks {};

/// A lock that is held.
struct lock_status {
  std::string name;
  std::string client;
  uint64_t token = 0;
  int64_t lease_ms = 0;
  int64_t held_ms = 0;
  size_t waiting = 0;
};

struct locks_listed {
  std::vector<lock_status> locks;
};

/// Sent by the keeper to itself: ends leases and waits.
struct lock_tick {};

/// Keeps the locks of this hub.
using lock_actor = protocol<
  caf::replies_to<take_lock>::with<lock_taken>,
  caf::replies_to<release_lock>::with<lock_released>,
  caf::reacts_to<cancel_lock_wait>,
  caf::replies_to<list_locks>::with<locks_listed>,
  caf::reacts_to<lock_tick>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::take_lock)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::lock_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::release_lock)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::lock_released)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::cancel_lock_wait)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::list_locks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::locks_listed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::lock_tick)
