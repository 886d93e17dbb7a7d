#pragma once

#include "messages/memory.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace hub {

/// Knows the runs of the plugins `slm` and `mesh`. The daemon owns it. If it dies, sessions
/// begin without memory, and locks hold in this hub alone.
struct memory_desk_state {
  memory_desk_state() = default;

  /// Null while the plugin does not run.
  recall_actor memory;
  mesh_actor mesh;

  /// Who hears what the daemon has seen; null for nobody.
  behaviour_actor learns;

  static constexpr const char* name = "memory-desk";
};

memory_desk_actor::behavior_type memory_desk(memory_desk_actor::stateful_pointer<memory_desk_state> self);

} // namespace hub
