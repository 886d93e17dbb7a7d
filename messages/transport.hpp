#pragma once

#include "messages/json_text.hpp"
#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hub {

/// Messages that arrived from a server, in order, each without its line end.
struct messages_received {
  std::vector<json_text> messages;
};

/// The child runs.
struct transport_opened {
  int64_t pid = 0;
};

/// The connection to the server is gone; nothing follows it.
struct transport_closed {
  /// A sentence: `exited with 1`, `was killed by signal 9`, `could not be
  /// started: npx: not found in PATH /usr/bin:/bin`, `sent a line of more than 64 MiB`.
  std::string cause;

  /// What the user can do, or empty.
  std::string fix;

  /// The last lines that it wrote to stderr, oldest first, at most 20.
  std::vector<std::string> last_stderr;

  /// True if the transport was told to close before.
  bool asked_for = false;

  /// True if it never ran.
  bool never_started = false;
};

/// What a transport tells its owner.
using transport_owner = protocol<
  caf::reacts_to<transport_opened>,
  caf::reacts_to<messages_received>,
  caf::reacts_to<transport_closed>>::handle;

/// Sends one JSON-RPC message. It must hold no line feed.
struct send_message {
  text_parts message;
};

/// Ends the connection: stdin is closed, then SIGTERM after `grace_ms`, then
/// SIGKILL after as much again, each to the whole process group.
struct close_transport {
  uint32_t grace_ms = 2000;
};

/// A connection to one server: for stdio, its child process and pipes.
using transport_actor = protocol<
  caf::reacts_to<send_message>,
  caf::reacts_to<close_transport>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::messages_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::transport_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::transport_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::send_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::close_transport)
