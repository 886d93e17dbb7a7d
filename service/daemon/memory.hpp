#pragma once

#include "actors/plugin/plugin_host.hpp"
#include "messages/memory.hpp"
#include "messages/note.hpp"
#include "messages/slm.hpp"
#include "service/config/hub_config.hpp"
#include "service/config/placeholders.hpp"

#include <caf/fwd.hpp>

#include <map>
#include <memory>
#include <string>

namespace hub {

/// The memory daemon, as this process reaches it, and what the plugins `slm` and `mesh` need.
struct wired_memory {
  slm_daemon_actor daemon;
  memory_desk_actor desk;
  std::shared_ptr<memory_port> port;

  /// These plugins, for the host.
  std::map<std::string, plugin_maker> plugins;
};

/// @param session By what the mesh knows this hub.
wired_memory spawn_memory(caf::actor_system& system, const hub_config& config, const variable_map& environment,
                          std::string session);

/// What the start tells of the memory; waits for it up to a quarter of a second. Empty if
/// nothing answers in its place, as where there is none.
std::string memory_line(caf::actor_system& system, const plugin_host_actor& host);

} // namespace hub
