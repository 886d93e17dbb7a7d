#pragma once

#include "messages/backend.hpp"
#include "messages/cache.hpp"
#include "messages/price.hpp"
#include "messages/trace_context.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hub {

/// Names a request by its asker: the number of the session (or of the exchange,
/// for a stateless client) and the id as the client wrote it. A client may not
/// use one twice at a time.
struct request_key {
  uint64_t scope = 0;
  std::string id;

  bool operator==(const request_key&) const = default;
};

/// How many calls of a session have ended. Written by the call path.
struct session_tally {
  std::atomic<uint64_t> calls{0};
  std::atomic<uint64_t> failed{0};

  void add(bool fails) noexcept {
    ++calls;
    failed += fails ? 1 : 0;
  }
};

/// Where the calls of a session come from, for the audit and for plugins. Shared by all of them.
struct call_origin {
  /// A mark by which the session is known, which is of no use to steal it; empty for
  /// stateless clients.
  std::string session;

  /// The address of the door behind `/mcp/`.
  std::string door;

  /// Null if nobody wants to know.
  std::shared_ptr<session_tally> tally = nullptr;
};

struct permission_rule;

/// One of the tools that a call may go to.
struct call_choice {
  /// Configured name, and the server's own name of the tool.
  std::string server;
  std::string tool;

  json_text params;

  /// These as in `make_call`.
  uint64_t isolated = 0;
  const permission_rule* rule = nullptr;
  cache_rule_ptr cache_rule = nullptr;
  price_ptr price = nullptr;
};

/// The tools of a cascade that the client may call.
struct call_choices {
  /// Of the cascade.
  std::string name;

  /// In the order of the cascade.
  std::vector<call_choice> tools;

  /// The place of the one that the client has called.
  size_t called = 0;

  /// False if the others are only to be told of.
  bool may_fall = true;
};

/// Asks for one request to be carried out by a server.
struct make_call {
  request_key key;

  /// The configured name of the server.
  std::string server;

  std::string method;

  /// With the server's own names in it.
  json_text params;

  exchange_address notify;
  std::shared_ptr<const client_context> client;

  /// The session of a client of the handshake era, which can be asked questions;
  /// null for stateless clients.
  session_actor session;

  log_level logs = log_level::off;

  /// The number of the session whose own run of the server is meant; 0 for the
  /// shared one.
  uint64_t isolated = 0;

  /// The most that it may take, start of the server included.
  std::chrono::milliseconds time_limit{0};

  /// Errors and failures become a tool's result that says so in words, for the
  /// model to read; otherwise they stay what they are.
  bool tell_as_tool_result = false;

  std::shared_ptr<const call_origin> origin = nullptr;

  /// The permission rule that let it through; null if none was about it. Lives as
  /// long as the client's policy.
  const permission_rule* rule = nullptr;

  /// What the cache may do with it; null for nothing.
  cache_rule_ptr cache_rule = nullptr;

  /// What it costs; null for nothing.
  price_ptr price = nullptr;

  /// The tools that it may go to; null for the one that it names.
  std::shared_ptr<const call_choices> choices = nullptr;

  /// As in `client_request`.
  trace_context_ptr trace = nullptr;
  std::chrono::steady_clock::time_point received = {};

  /// How much of its result the client takes at once, in bytes; 0 for all.
  size_t result_limit = 0;
};

/// Takes a call back.
struct cancel_call {
  request_key key;
  std::string reason;
};

/// Takes back all calls of a session that has ended, or of a stateless exchange
/// that was closed.
struct cancel_scope {
  uint64_t scope = 0;
};

/// No new calls; the answer comes when the last one in flight is answered, at
/// the latest after `time_limit`, when the rest is answered with a failure.
struct drain_calls {
  std::chrono::milliseconds time_limit{5000};
};

struct calls_drained {
  uint64_t finished = 0;
  uint64_t abandoned = 0;
};

struct get_call_counts {};

struct call_counts {
  uint64_t in_flight = 0;
  uint64_t answered = 0;
  uint64_t failed = 0;
  uint64_t cancelled = 0;
};

/// Sent by the call path to itself: does what is due.
struct calls_tick {};

/// Sent by the call path to itself: tells the client of a call what it is asked,
/// now that all questions of a moment are there.
struct park_call {
  uint64_t call = 0;
};

/// The one call path: every call of every door goes through it.
using call_actor = protocol<
  // Answers with the answer of the server, or with a failure; always once.
  caf::replies_to<make_call>::with<rpc_answer>,
  // Has a question of a server answered by the client of the call.
  caf::replies_to<server_question>::with<rpc_answer>,
  // The call has a run of the server for itself the next time.
  caf::reacts_to<question_in_doubt>,
  caf::reacts_to<cancel_call>,
  caf::reacts_to<cancel_scope>,
  caf::replies_to<drain_calls>::with<calls_drained>,
  caf::replies_to<get_call_counts>::with<call_counts>,
  caf::reacts_to<park_call>,
  caf::reacts_to<calls_tick>>::also<cache_control_actor>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::make_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::cancel_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::cancel_scope)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::drain_calls)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::calls_drained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::get_call_counts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::call_counts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::park_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::calls_tick)
