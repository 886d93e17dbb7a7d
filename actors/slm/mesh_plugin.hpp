#pragma once

#include "actors/slm/memory_plugin_settings.hpp"
#include "actors/slm/mesh_table.hpp"
#include "messages/reply.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace hub {

/// One run of the plugin `mesh`.
struct mesh_plugin_settings : memory_plugin_settings {
  /// By what the mesh knows this hub, over restarts too.
  std::string session;

  /// The port of the hub.
  uint16_t hub_port = 0;
};

/// Sent by the plugin to itself: something is due.
struct mesh_tick {};

/// Sent by the plugin to itself: a lock was granted for this long that it may be confirmed.
struct confirm_mesh_lock {
  uint64_t number = 0;
};

using mesh_plugin_actor = protocol<
  caf::reacts_to<mesh_tick>,
  caf::reacts_to<confirm_mesh_lock>>::also<slm_watcher_actor>::also<mesh_actor>::also<plugin_actor>::handle;

/// Makes the hub a peer of the mesh: registered, alive by heartbeats, and deregistered as it
/// ends. It announces sessions and tools, reads messages, and takes locks. The host of the
/// plugins owns it. If it dies, the mesh takes the hub for stale after five minutes.
struct mesh_plugin_state {
  mesh_plugin_state() = default;
  mesh_plugin_state(const mesh_plugin_state&) = delete;
  mesh_plugin_state& operator=(const mesh_plugin_state&) = delete;
  ~mesh_plugin_state();

  mesh_plugin_settings settings;
  mesh_table table;
  slm_state daemon;

  /// Requests of which no answer has come that must not overlap.
  bool registering = false;
  bool reading = false;
  bool ticking = false;

  /// The mesh is looked at again then.
  mesh_table::time look_at{};
  mesh_table::time register_at{};

  size_t sessions = 0;

  /// A lock that was granted and not confirmed.
  struct granted_lock {
    std::string name;
    mesh_lock_state grant;
    reply<mesh_lock_taken> asker;
  };
  std::map<uint64_t, granted_lock> granted;
  uint64_t numbers = 0;

  /// Locks that are held, with the times at which they were renewed.
  std::map<std::string, mesh_table::time> held;

  /// Why the last request failed; empty if it did not.
  std::string why;

  /// It ends when the mesh knows that, at the latest then.
  std::optional<mesh_table::time> ends_at;

  /// What the mesh has still to be told before the end.
  size_t farewells = 0;

  static constexpr const char* name = "mesh-plugin";
};

mesh_plugin_actor::behavior_type mesh_plugin(mesh_plugin_actor::stateful_pointer<mesh_plugin_state> self,
                                             mesh_plugin_settings settings);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::mesh_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::confirm_mesh_lock)
