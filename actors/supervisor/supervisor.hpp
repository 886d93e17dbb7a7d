#pragma once

#include "actors/supervisor/supervised_server.hpp"
#include "actors/supervisor/use_model.hpp"
#include "messages/authorization.hpp"
#include "messages/note.hpp"
#include "messages/memory.hpp"
#include "messages/memory_meter.hpp"
#include "messages/plugin.hpp"
#include "messages/supervisor.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace hub {

/// A run of a server that is to be begun.
struct backend_order {
  const server_config& server;

  /// Goes into all that the backend tells the supervisor.
  uint64_t run = 0;

  /// What earlier runs found out.
  std::optional<hub::era> era;

  supervisor_actor supervisor;

  /// The file that its stderr goes to.
  const std::string& log;

  /// The session that the run is for; null if it is shared.
  std::shared_ptr<const client_context> client;
  session_actor session;

  /// It carries one call at a time: what it offers and what changes there is nobody's
  /// concern.
  bool exclusive = false;
};

/// Makes the backend of a run. It must not block, and the backend must not tell
/// anything before its first turn.
using backend_factory = std::function<backend_actor(caf::actor_system&, const backend_order&)>;

/// What the supervisor needs to know.
struct supervisor_settings {
  /// In the order of the configuration; the names differ.
  std::vector<server_entry_facts> servers;

  backend_factory make_backend;

  /// Start each server once, in the background, whose tools are not known.
  bool learn_unknown = true;

  /// How many servers may start at a time.
  size_t concurrent_starts = 4;

  /// How long a server may take to start; `timeout` of a server if that is more.
  std::chrono::milliseconds start_limit{60'000};

  /// How long calls in flight may go on at a server whose configuration has changed.
  std::chrono::milliseconds drain_limit{30'000};

  /// How long a server may take to stop before it is killed. Longer than what
  /// its transport gives it.
  std::chrono::milliseconds stop_limit{10'000};

  /// After how long without a call a server is stopped; zero is never.
  std::chrono::milliseconds idle_limit{1'800'000};

  /// How many runs there may be for single sessions and single calls.
  size_t own_runs_max = 200;

  /// How many may wait for servers to start.
  size_t waiters_max = 10'000;

  /// Tells how much memory servers have; null for nobody, so that it shows as 0 and no bound is watched.
  memory_meter_actor memory{};

  /// What becomes of predictions of use.
  warm_up_mode warm_up = warm_up_mode::shadow;

  /// What was often used after what, as an earlier hub had it.
  use_model uses{};

  /// The kind of the project in a folder, if that is known; it must not block. May be null.
  std::function<std::string(const std::string&)> kind_of{};

  /// Keeps that for the next hub; may be null.
  note_store_actor notes{};

  /// Decides the lengths of pauses.
  uint32_t seed = 1;

  /// Who hears which servers take calls; may be null.
  plugin_port_ptr plugins = nullptr;
};

/// The servers that count from now on, in the order of the configuration. Those that
/// are as before go on; the runs of the others finish what is in flight and end.
struct configure_servers {
  std::shared_ptr<const std::vector<server_entry_facts>> servers;
};

/// The servers are in force; those that changed may still finish what is in flight.
struct servers_configured {};

/// A supervisor that also hears what the hub may do at its servers, which it has, and what the
/// memory daemon has seen of their use.
using wired_supervisor_actor
  = protocol<caf::reacts_to<authorization_changed>,
             caf::replies_to<configure_servers>::with<servers_configured>>::also<behaviour_actor>::also<supervisor_actor>::handle;

/// Starts the supervisor: it owns every backend, holds the one handle that keeps
/// it alive, and ends with them. It acts on messages and, only while something is
/// due, on one timer. If it dies, `reply` answers whoever waits, and all backends
/// are killed with their children.
wired_supervisor_actor spawn_supervisor(caf::actor_system& system, supervisor_settings settings);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::configure_servers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::servers_configured)
