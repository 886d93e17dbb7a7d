#pragma once

#include "messages/json_text.hpp"
#include "messages/protocol.hpp"
#include "messages/server_config.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hub {

/// How a tool stands to what was pinned of it.
enum class pin_state : uint8_t {
  same,    ///< As it was pinned.
  changed, ///< Its definition is another one than the pinned.
  added    ///< Its server was known without it; told apart only where new tools are held.
};

/// One tool that somebody should look at: changed, new under `hold`, or suspicious.
struct reviewed_tool {
  std::string name;
  pin_state state = pin_state::same;

  /// True while calls of it are refused.
  bool held = false;

  /// SHA-256 of the canonical definition, in hex: as it was pinned (empty for a new
  /// tool) and as the server has it now.
  std::string pinned_digest;
  std::string digest;

  /// Seconds since 1970; 0 for a new tool.
  int64_t pinned_at = 0;

  /// The tool as it was pinned, empty for a new one, and as the server has it now.
  json_text pinned;
  json_text current;

  /// Why the definition as it is now looks like an attack on the model, a sentence each.
  std::vector<std::string> suspicions;
};

/// What there is to look at in the tools of one server.
struct server_review {
  std::string server;
  change_policy policy = change_policy::warn;

  /// In the order of the server's list.
  std::vector<reviewed_tool> tools;
};

/// Asks what there is to look at, of one server, or of all if `server` is empty.
struct list_tool_changes {
  std::string server;
};

struct tool_changes_listed {
  /// False if no server has the name that was asked for.
  bool server_exists = true;

  /// Servers with something to look at, in the order of the configuration.
  std::vector<server_review> servers;
};

/// Pins a tool as it is now, or all of the server's if `tool` is empty.
struct approve_tools {
  std::string server;
  std::string tool;
};

struct tools_approved {
  bool ok = false;

  /// What was done, or cause and fix.
  std::string message;
  std::string fix;
};

/// Whoever keeps the pinned definitions.
using tool_review_actor = protocol<
  caf::replies_to<list_tool_changes>::with<tool_changes_listed>,
  caf::replies_to<approve_tools>::with<tools_approved>>::handle;

/// Has the pins of one server kept on disk, in place of those before.
struct keep_pins {
  std::string server;

  /// As `server_pins::write` has it.
  std::string payload;
};

/// Whoever keeps pins between runs of the hub.
using pin_store_actor = protocol<caf::reacts_to<keep_pins>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::list_tool_changes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::tool_changes_listed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::approve_tools)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::tools_approved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::keep_pins)
