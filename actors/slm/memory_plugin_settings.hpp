#pragma once

#include "messages/json_text.hpp"
#include "messages/memory.hpp"
#include "messages/plugin.hpp"
#include "messages/slm.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace hub {

/// One run of a plugin that talks to the memory daemon.
struct memory_plugin_settings {
  std::string name;
  uint64_t run = 0;
  plugin_owner owner;

  /// Not null.
  std::shared_ptr<plugin_gauge> gauge;

  slm_daemon_actor daemon;
  memory_desk_actor desk;

  /// Not null.
  std::shared_ptr<memory_port> port;

  /// What the configuration says: a JSON object, or empty.
  json_text settings{};
};

} // namespace hub
