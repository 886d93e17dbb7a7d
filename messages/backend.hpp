#pragma once

#include "messages/client.hpp"
#include "messages/transport.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hub {

/// Names one call while the hub runs.
using call_id = uint64_t;

/// A server asks the client of a call something before it answers: sampling,
/// elicitation, roots.
struct server_question {
  call_id call = 0;
  std::string method;
  json_text params;

  /// The server did not say which call it asks for: there was no other.
  bool inferred = false;
};

/// A server asked something that may have belonged to this call or to another
/// client's, and was refused for that reason.
struct question_in_doubt {
  call_id call = 0;
};

/// Has a question answered by the client of the call: with its result, or with
/// the error that the server is to get.
using question_actor = protocol<
  caf::replies_to<server_question>::with<rpc_answer>,
  caf::reacts_to<question_in_doubt>>::handle;

/// A request for a server, in the hub's one inner form.
struct backend_request {
  call_id call = 0;

  std::string method;

  /// The `params` for the server, with the server's own names in them, and the
  /// client's `_meta`.
  json_text params;

  /// Where progress and log messages go.
  exchange_address notify;

  std::shared_ptr<const client_context> client;

  log_level logs = log_level::off;

  /// Who has the server's questions about this call answered.
  question_actor questions;

  /// The session of a client of the handshake era; null for stateless clients.
  session_actor session;

  /// Others may wait for the same answer, so that the server is to report progress even
  /// if this client does not want any.
  bool may_be_joined = false;

  /// The trace that the server is told of; null for none.
  trace_context_ptr trace = nullptr;
};

/// Takes a request back; the server is told. Unknown calls are ignored.
struct cancel_request {
  call_id call = 0;
  std::string reason;
};

/// The client of a call has come back with another request: progress and log
/// messages go to that one from now on. Unknown calls are ignored.
struct redirect_call {
  call_id call = 0;
  exchange_address notify;

  /// The progress token of the new request, JSON; empty if it has none.
  json_text progress_token;

  log_level logs = log_level::off;
};

/// Another client waits for the answer to a call: it is told of progress and log messages
/// from now on. Unknown calls are ignored.
struct join_call {
  call_id call = 0;

  /// The number by which it leaves.
  call_id listener = 0;

  exchange_address notify;

  /// Its own progress token, JSON; empty if it has none.
  json_text progress_token;

  log_level logs = log_level::off;
};

/// It waits no longer.
struct leave_call {
  call_id call = 0;
  call_id listener = 0;
};

/// Which resources the server is to tell of, and no others.
struct watch_resources {
  std::vector<std::string> uris;
};

/// Sends the server a notification without params.
struct notify_server {
  std::string method;
};

/// Lists that hold no longer, as the server said, are read again.
struct read_lists_again {};

/// Ends the server in good order, after which the actor ends.
struct stop_backend {
  /// With calls in flight it goes on, and says `backend_ready` once more.
  bool only_if_idle = false;

  /// Calls in flight are waited for; new ones are refused with `failure::kind::stopping`.
  bool drain = false;
};

/// Sent by a backend to itself: opens the connection, and does what is due.
struct start_backend {};
struct backend_tick {};

/// One run of one server: the connection and what is in flight on it. It ends
/// when the connection does.
using backend_actor = protocol<
  // Answers with the server's answer; with a failure when the server dies.
  caf::replies_to<backend_request>::with<rpc_answer>,
  caf::reacts_to<cancel_request>,
  caf::reacts_to<redirect_call>,
  caf::reacts_to<join_call>,
  caf::reacts_to<leave_call>,
  // Answers when the server has accepted what is new, or with its error.
  caf::replies_to<watch_resources>::with<rpc_answer>,
  caf::reacts_to<notify_server>,
  caf::reacts_to<read_lists_again>,
  caf::reacts_to<stop_backend>,
  caf::reacts_to<start_backend>,
  caf::reacts_to<backend_tick>>::also<transport_owner>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::server_question)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::question_in_doubt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::backend_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::redirect_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::join_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::leave_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::cancel_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::watch_resources)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::notify_server)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::read_lists_again)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::stop_backend)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::start_backend)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::backend_tick)
