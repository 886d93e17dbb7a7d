#pragma once

#include "messages/json_text.hpp"
#include "messages/protocol.hpp"
#include "messages/server_config.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// A message of a server, without line end or event framing.
struct server_message {
  json_text text;

  /// The id of our request on whose stream it came (streamable HTTP); 0 if
  /// nothing tells, as over stdio.
  int64_t cause = 0;
};

/// Messages that arrived from a server, in order.
struct messages_received {
  std::vector<server_message> messages;
};

/// A request will get no answer, though the connection goes on (HTTP).
struct request_failed {
  enum class kind : uint8_t {
    refused,      ///< An HTTP status without a JSON-RPC message; see `status`.
    session_lost, ///< The server has forgotten the session, and did nothing.
    lost          ///< The answer broke off and cannot be resumed.
  };

  /// The id it was sent with.
  int64_t id = 0;

  kind what = kind::refused;

  /// The HTTP status; 0 without one.
  int status = 0;

  /// Sentences, as in `transport_closed`.
  std::string cause;
  std::string fix;
};

/// Messages may be sent.
struct transport_opened {
  /// Of the child; 0 if there is none.
  int64_t pid = 0;
};

/// The server speaks another transport than it was thought to.
struct transport_changed {
  transport_kind spoken = transport_kind::sse;
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

  /// True if it never ran, so that somebody has to mend something first.
  bool never_started = false;
};

/// What a transport tells its owner.
using transport_owner = protocol<
  caf::reacts_to<transport_opened>,
  caf::reacts_to<transport_changed>,
  caf::reacts_to<messages_received>,
  caf::reacts_to<request_failed>,
  caf::reacts_to<transport_closed>>::handle;

/// What an HTTP transport says of a message in its head. Values are as in the
/// message; the transport encodes them (MCP 2026-07-28, "Standard Headers").
struct http_hints {
  /// The version that was agreed on; empty before.
  std::string version;

  bool stateless = false;

  /// The method of a request or notification.
  std::string method;

  /// What `Mcp-Name` says; empty for none.
  std::string name;

  /// `Mcp-Param-*`: the end of the header's name, and the argument as JSON.
  std::vector<std::pair<std::string, std::string>> params;

  /// `traceparent` and what goes with it; empty for none.
  std::vector<std::pair<std::string, std::string>> trace;
};

/// Sends one JSON-RPC message. It must hold no line feed.
struct send_message {
  text_parts message;

  /// The id of a request, never used twice in the hub's life; 0 for notifications
  /// and answers.
  int64_t id = 0;

  /// Null for transports that need none.
  std::shared_ptr<const http_hints> http = {};
};

/// Nobody waits for the answer to the request `id` any more. Over HTTP in the
/// stateless era its stream is closed, which takes it back.
struct abandon_request {
  int64_t id = 0;
};

/// Ends the connection: stdin is closed, then SIGTERM after `grace_ms`, then
/// SIGKILL after as much again, each to the whole process group.
struct close_transport {
  uint32_t grace_ms = 2000;
};

/// A connection to one server: for stdio its child process and pipes, for HTTP
/// a session of requests and streams.
using transport_actor = protocol<
  caf::reacts_to<send_message>,
  caf::reacts_to<abandon_request>,
  caf::reacts_to<close_transport>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::messages_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::request_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::abandon_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::transport_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::transport_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::transport_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::send_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::close_transport)
