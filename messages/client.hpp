#pragma once

#include "messages/answer.hpp"
#include "messages/json_text.hpp"
#include "messages/protocol.hpp"
#include "messages/rpc/envelope.hpp"
#include "messages/trace_context.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hub {

// -- the way out: what the hub says to a client -------------------------------

struct client_request;
struct client_notification;
struct client_question;
struct session_notice;
struct resource_changed;
struct open_stream;
struct exchange_closed;
struct question_lost;

/// One logical client: a session of the handshake era, or all stateless clients
/// of one door.
using session_actor = protocol<
  // Answers a request, always, exactly once.
  caf::replies_to<client_request>::with<rpc_answer>,
  // Takes a notification or an answer of the client.
  caf::reacts_to<client_notification>,
  // Asks the client; always answered, with an error if the client cannot be asked.
  caf::replies_to<client_question>::with<rpc_answer>,
  // A question did not reach the client.
  caf::reacts_to<question_lost>,
  caf::reacts_to<session_notice>,
  caf::reacts_to<resource_changed>,
  // Opens the stream for messages that belong to no request.
  caf::replies_to<open_stream>::with<rpc_answer>,
  // Forgets an exchange.
  caf::reacts_to<exchange_closed>>::handle;

/// A JSON-RPC message for the stream of one exchange. It is dropped when the
/// exchange is over or its stream is full; answers never are.
struct stream_event {
  exchange_id exchange = 0;
  text_parts message;

  /// For a question to the client: its id, and who is to hear if it was dropped.
  int64_t question = 0;
  session_actor asker = {};
};

/// A question to the client was dropped, because it has no stream that is open.
struct question_lost {
  int64_t question = 0;
};

/// Keeps the exchanges of a shard and hands them what actors send to them.
using gate_actor = protocol<
  // Writes a notification to a stream.
  caf::reacts_to<stream_event>>::handle;

/// Where notifications about one request go.
struct exchange_address {
  gate_actor gate;
  exchange_id id = 0;
};

// -- the way in: what a client says -------------------------------------------

/// A request of a client, checked by the door it came through: the era rules,
/// the headers and the JSON are right.
struct client_request {
  /// Method, params and id as received.
  rpc::envelope message;

  /// Where progress and log messages go before the answer.
  exchange_address from;

  std::shared_ptr<const client_context> client;

  /// The lowest severity that this request wants (stateless era: `logLevel` of
  /// its `_meta`; handshake era: what the session says).
  log_level logs = log_level::off;

  /// The headers `Mcp-Param-*` (stateless era): what follows the hyphen, and the
  /// value, decoded. Null if there were none.
  std::shared_ptr<const std::vector<std::pair<std::string, std::string>>> param_headers = nullptr;

  /// The trace that it belongs to; null if it says nothing of one.
  trace_context_ptr trace = nullptr;

  /// When it was read.
  std::chrono::steady_clock::time_point received = {};

  /// How many tools it wants to see by themselves at the federated door; nothing if it does not say.
  std::optional<uint16_t> tools{};
};

/// A notification of a client (or, with kind result or error, its answer to a
/// request of ours). Nothing is answered.
struct client_notification {
  rpc::envelope message;
};

/// A server asks something that only this client can answer: `sampling/createMessage`,
/// `elicitation/create` or `roots/list`. Only for clients of the handshake era
/// that declared it; for others it becomes `input_required`.
struct client_question {
  /// The exchange whose request made the server ask; none if it asks by itself.
  exchange_address on;

  std::string method;
  json_text params;
};

/// A notification of a server for one client that belongs to no open request.
/// It is dropped if the client has no stream for such.
struct session_notice {
  text_parts message;
};

/// A resource that the client watches has changed.
struct resource_changed {
  std::string server;

  /// As the server names it.
  std::string uri;

  /// The `params` of the server's `notifications/resources/updated`.
  json_text params;
};

/// A client opens its GET stream. The answer comes when the stream ends.
struct open_stream {
  exchange_address from;
};

/// The client has closed the connection of an exchange that has no answer yet.
/// In the stateless era that takes the request back.
struct exchange_closed {
  exchange_id exchange = 0;
  bool cancels = false;
};

// -- sessions -----------------------------------------------------------------

/// Asks for a new session of the handshake era.
struct open_session {
  hub::door door;
  std::shared_ptr<const client_context> client;

  /// Whether it outlives the hub, for a client that sends its id to the next one.
  bool kept = true;
};

/// Asks for the session with this id (`Mcp-Session-Id`) behind this door.
struct find_session {
  std::string id;
  hub::door door;

  /// Whose token came with the request; null without one.
  std::shared_ptr<const principal> who = nullptr;
};

/// Asks for the session that serves stateless requests of this door.
struct find_stateless {
  hub::door door;

  /// Whose request it is: clients under different permission rules have different
  /// sessions. Null only to learn whether the door leads anywhere.
  std::shared_ptr<const client_context> client = nullptr;
};

/// How the search for a session ended.
enum class session_outcome : uint8_t {
  found, unknown_session, unknown_server, disabled_server, too_many_sessions, shutting_down, denied
};

struct session_found {
  session_outcome outcome = session_outcome::found;
  std::string id;
  session_actor session;

  /// A sentence for the client when there is none.
  std::string message;

  /// Who opened it; null for the session of stateless clients.
  std::shared_ptr<const client_context> client = nullptr;
};

/// Ends a session (HTTP DELETE).
struct end_session {
  std::string id;
  hub::door door;
};

struct session_ended {
  bool existed = false;
};

struct list_sessions {};

struct session_status {
  std::string id;
  std::string client_name;
  std::string client_version;
  std::string protocol_version;
  std::string door;
  int64_t idle_seconds = 0;
  int64_t age_seconds = 0;
};

struct sessions_listed {
  std::vector<session_status> sessions;
};

/// Owns all sessions.
using session_registry_actor = protocol<
  caf::replies_to<open_session>::with<session_found>,
  caf::replies_to<find_session>::with<session_found>,
  caf::replies_to<find_stateless>::with<session_found>,
  caf::replies_to<end_session>::with<session_ended>,
  caf::replies_to<list_sessions>::with<sessions_listed>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::stream_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::rpc_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::client_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::client_notification)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::client_question)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::session_notice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::resource_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::question_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::open_stream)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::exchange_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::open_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::find_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::find_stateless)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::session_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::end_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::session_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::list_sessions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::sessions_listed)
