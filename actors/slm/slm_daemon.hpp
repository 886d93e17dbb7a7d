#pragma once

#include "actors/slm/slm_place.hpp"
#include "messages/slm.hpp"

#include <caf/fwd.hpp>

namespace hub {

class shard;

/// Starts the way to the memory daemon. It owns the connections to it, the key, and the count
/// of what was written; the plugins ask it, and it is owned by the daemon. Without a watcher it
/// does nothing. If it dies, its askers hear that, and memory and mesh are off.
slm_daemon_actor spawn_slm_daemon(caf::actor_system& system, shard& home, slm_place_settings settings);

} // namespace hub
