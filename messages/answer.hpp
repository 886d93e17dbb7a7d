#pragma once

#include "messages/json_text.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>

namespace hub {

/// One HTTP exchange, unique while the hub runs.
using exchange_id = uint64_t;

/// The two eras of MCP: with `initialize` and sessions (to 2025-11-25), and
/// stateless with metadata on each request (from 2026-07-28).
enum class era : uint8_t { handshake, stateless };

/// Severity of `notifications/message`; `off` is none at all.
enum class log_level : uint8_t {
  debug, info, notice, warning, error, critical, alert, emergency, off
};

struct principal;
class client_policy;

/// Who a client is, as it says of itself, and what the hub knows. Shared by all its requests.
struct client_context {
  hub::era era = hub::era::handshake;

  /// The version that this client speaks, such as `2025-11-25`.
  std::string protocol_version;

  /// `clientInfo.name` and `.version`; for display, never for decisions.
  std::string name;
  std::string version;

  /// `clientInfo` and the capabilities as the client wrote them.
  json_text info;
  json_text capabilities;

  /// Whose token it has shown; null without one.
  std::shared_ptr<const principal> who = nullptr;

  /// The folder that it works in, as it says; empty if it does not.
  std::string project{};

  /// The permission rules that hold for it; null if everything is allowed.
  std::shared_ptr<const client_policy> policy = nullptr;
};

/// The door a client came through.
struct door {
  /// The server of `/mcp/{server}`; empty for the federated `/mcp`.
  std::string server;

  /// The group of `/mcp/g/{group}`, whose members alone are behind the door; empty
  /// for all servers.
  std::string group{};

  /// The id of the principal that came through it; empty without a token. So nothing
  /// that was begun with one token goes on with another.
  std::string principal{};

  auto operator<=>(const door&) const = default;
};

/// What kind of answer an actor gives.
enum class answer_kind : uint8_t {
  result,    ///< `body` is the value of `result`.
  error,     ///< `body` is the error object, as the server sent it or ours.
  failure,   ///< The hub could not do it; `why` says so.
  cancelled, ///< The client took its request back; nothing is to be sent.
};

/// Why the hub could not do what was asked. All texts are sentences for users.
struct failure {
  enum class kind : uint8_t {
    unknown_server, disabled_server, start_failed, backing_off, crashed,
    stopping, ///< The request was not sent, because this run is about to end.
    timed_out, overloaded, shutting_down, bad_answer, internal,
    denied ///< A permission rule refuses it.
  };
  kind what = kind::internal;
  std::string server;
  std::string cause;
  std::string fix;
};

/// What the result cache had to do with a call.
enum class cache_use : uint8_t {
  none,  ///< It could not be cached.
  miss,  ///< Its server was asked.
  hit,   ///< A kept result answered it.
  shared ///< The answer to an equal call that was in flight answered it.
};

/// The one answer to a request.
struct rpc_answer {
  answer_kind kind = answer_kind::result;

  json_text body;

  std::shared_ptr<const failure> why;

  /// True if `body` is a result that a stateless-era server wrote, or that we
  /// wrote in its form: it has `resultType` and what else belongs there.
  bool stateless_form = false;

  /// Told in the `_meta` of a result, unless it is `none`.
  cache_use cache = cache_use::none;

  /// When the server's answer was read, and when its request left the line before a server that
  /// carries as many as it may; no time if it was none, or waited in none.
  std::chrono::steady_clock::time_point read_at = {};
  std::chrono::steady_clock::time_point let_through = {};
};

} // namespace hub
