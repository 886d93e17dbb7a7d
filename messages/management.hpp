#pragma once

#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <string>
#include <vector>

namespace hub {

/// Asks for the tools of one server, or of all if `server` is empty.
struct list_tools {
  std::string server;
};

/// One tool, for lists that people read.
struct tool_summary {
  /// The name under the federated `/mcp`, such as `github__create_issue`.
  std::string name;

  std::string server;

  /// The name that the server gave it.
  std::string tool;

  /// Both empty if the server gave none.
  std::string title;
  std::string description;
};

struct tools_listed {
  /// False if no server has the name that was asked for.
  bool server_exists = true;

  /// In the order of the configuration.
  std::vector<tool_summary> tools;
};

/// Whoever knows all tools that the hub offers.
using tool_lister_actor = protocol<
  caf::replies_to<list_tools>::with<tools_listed>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::list_tools)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::tools_listed)
