#pragma once

#include "actors/plugin/plugin_host.hpp"
#include "messages/plugin.hpp"
#include "service/config/hub_config.hpp"
#include "service/config/placeholders.hpp"
#include "service/daemon/backends.hpp"

#include <caf/fwd.hpp>

#include <memory>
#include <string>
#include <vector>

namespace hub {

/// The plugins of this process.
struct wired_plugins {
  plugin_host_actor host;
  std::shared_ptr<plugin_port> port;

  /// Of the calls that end.
  std::shared_ptr<observer_gauge> gauge;
};

/// The plugins that are compiled in (`service/daemon/memory`).
inline const std::vector<std::string> compiled_in_plugins{"mesh", "slm"};

/// Looks for plugins: executables in the plugins folder, those that are compiled in, and those
/// that only the configuration knows, which are told as missing. It reads a folder, so it is
/// not for a shard.
configure_plugins find_plugins(const hub_config& config, const backend_folders& folders,
                               const std::vector<std::string>& compiled_in);

/// Starts the plugin host, which starts the plugins. Placeholders of their variables are
/// resolved when a program is started.
/// @param compiled_in Makes those that are no programs, by their names.
wired_plugins spawn_plugins(caf::actor_system& system, const hub_config& config, const backend_folders& folders,
                            const variable_map& environment, std::map<std::string, plugin_maker> compiled_in);

} // namespace hub
