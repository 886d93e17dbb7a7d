#pragma once

#include "messages/protocol.hpp"
#include "messages/report.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

// What the plugins `slm` and `mesh` do for other parts of the hub, while they run.
namespace hub {

/// Asks what the user's memory holds for a client, or what the mesh has to say.
struct get_recall {
  enum class source : uint8_t { memory, mesh };
  source from = source::memory;

  /// The mark of its session; empty for stateless clients.
  std::string session;

  /// The folder that it works in; empty if that is not known.
  std::string project;

  /// What comes later is not waited for.
  std::chrono::milliseconds limit{5000};
};

/// Text of strangers in a fence, for a model; empty if there is nothing.
struct recalled {
  std::string text;
};

using recall_actor = protocol<
  // Always answered, within some seconds.
  caf::replies_to<get_recall>::with<recalled>>::handle;

/// Takes a lock in the mesh, too, so that agents outside of this hub see it.
struct take_mesh_lock {
  std::string name;
};

enum class mesh_lock_outcome : uint8_t {
  granted, ///< And confirmed; it holds as far as the mesh keeps its word.
  busy,    ///< Another agent has it.
  off      ///< There is no mesh, or it did not answer in time.
};

struct mesh_lock_taken {
  mesh_lock_outcome outcome = mesh_lock_outcome::off;

  /// The agent that has it, if it is busy.
  std::string holder{};

  /// 0 where the mesh has none.
  int64_t token = 0;
};

/// Gives it back.
struct release_mesh_lock {
  std::string name;
};

using mesh_lock_actor = protocol<
  // Always answered, within some seconds.
  caf::replies_to<take_mesh_lock>::with<mesh_lock_taken>,
  caf::reacts_to<release_mesh_lock>>::handle;

/// The mesh, while its plugin runs.
using mesh_actor = protocol<
  caf::replies_to<take_mesh_lock>::with<mesh_lock_taken>,
  caf::reacts_to<release_mesh_lock>>::also<report_actor>::handle;

/// One use of a tool that the memory daemon has seen, by this hub or anybody else.
struct seen_use {
  /// By the name that who told it has for it, such as `github__search` or `mcp__github__search`.
  std::string tool;

  /// Since some moment.
  std::chrono::seconds at{0};
};

/// What the memory daemon has seen lately, the oldest use first, in place of what was told before.
struct behaviour_seen {
  /// Not null.
  std::shared_ptr<const std::vector<seen_use>> uses;
};

using behaviour_actor = protocol<
  caf::reacts_to<behaviour_seen>>::handle;

/// Wants to hear what the daemon sees.
struct watch_behaviour {
  behaviour_actor who;
};

/// The plugin `slm` runs from now on.
struct open_memory {
  recall_actor who;
};

/// The plugin `mesh` runs from now on.
struct open_mesh {
  mesh_actor who;
};

/// Where others find these plugins: it passes questions on to those that run, and answers
/// for those that do not. It lives as long as the hub.
using memory_desk_actor = protocol<
  caf::reacts_to<open_memory>,
  caf::reacts_to<open_mesh>,
  caf::reacts_to<watch_behaviour>>::also<behaviour_actor>::also<recall_actor>::also<mesh_lock_actor>::also<report_actor>::handle;

/// The way to what the memory holds, for sessions.
struct memory_port {
  recall_actor to;

  /// Whether the daemon of the memory is there.
  std::atomic<bool> wanted{false};

  /// Whether the mesh is.
  std::atomic<bool> mesh_wanted{false};

  /// Whether somebody wants to hear what the daemon has seen of the use of tools.
  std::atomic<bool> behaviour_wanted{false};

  /// How long a client that introduces itself is kept waiting for it.
  std::atomic<int64_t> wait_ms{250};
};

using memory_port_ptr = std::shared_ptr<const memory_port>;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::get_recall)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::recalled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::take_mesh_lock)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::mesh_lock_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::release_mesh_lock)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::behaviour_seen)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::watch_behaviour)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::open_memory)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::open_mesh)
