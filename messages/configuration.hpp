#pragma once

#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <string>
#include <vector>

namespace hub {

/// Has the configuration file read again, and what changed put into force.
struct reload_configuration {};

/// How that went. What is wrong anywhere in the file stops all of the change.
struct configuration_reloaded {
  bool ok = false;

  /// What is wrong with the file, each with line, cause and fix.
  std::vector<std::string> errors;

  /// What of the file is taken, but may be meant otherwise.
  std::vector<std::string> warnings;

  /// The names of servers.
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> changed;

  /// What the hub takes only at its next start, by the names of the settings.
  std::vector<std::string> at_next_start;
};

/// Sent by the keeper to itself: looks whether the file has changed.
struct check_configuration {};

/// Keeps the configuration that is in force. It has a thread of its own, because it
/// reads files.
using configuration_actor = protocol<
  caf::replies_to<reload_configuration>::with<configuration_reloaded>,
  caf::reacts_to<check_configuration>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::reload_configuration)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::configuration_reloaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::check_configuration)
