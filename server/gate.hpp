#pragma once

#include "messages/access.hpp"
#include "messages/authorization.hpp"
#include "messages/call.hpp"
#include "messages/call_record.hpp"
#include "messages/client.hpp"
#include "messages/configuration.hpp"
#include "messages/lock.hpp"
#include "messages/management.hpp"
#include "messages/report.hpp"
#include "messages/supervisor.hpp"
#include "messages/tool_changes.hpp"
#include "server/session_streams.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// A session as a gate knows it. The gate forgets it when its actor ends.
struct known_session {
  /// Empty for the session of stateless clients.
  std::string id;

  hub::door door;

  session_actor actor{};

  /// Who opened it; null for the session of stateless clients.
  std::shared_ptr<const client_context> client{};

  /// Whether its GET stream is open.
  bool stream_open = false;

  /// The GET stream, if it can be resumed.
  std::weak_ptr<resumable_stream> get_stream{};

  /// What a client of this gate may ask for after it lost a connection.
  session_streams streams{};
};

/// What the search for a session found.
struct session_answer {
  session_outcome outcome = session_outcome::found;

  /// A sentence when there is none.
  std::string message;

  /// Null when there is none.
  std::shared_ptr<known_session> session;
};

/// An exchange that waits for what actors say.
class visitor {
public:
  virtual ~visitor() = default;

  /// The session that was asked for, or why there is none.
  virtual void on_session(session_answer answer) = 0;

  /// The answer to a request of this exchange; `part` is its place in a batch.
  virtual void on_answer(size_t part, rpc_answer answer) = 0;

  /// A notification or question for the client. Returns false if it was dropped.
  virtual bool on_event(const text_parts& message) = 0;
};

/// One request of an exchange, for a session.
struct asked {
  exchange_id exchange = 0;

  /// The place of the request in a batch.
  size_t part = 0;

  rpc::envelope message;
  std::shared_ptr<const client_context> client;
  log_level logs = log_level::off;

  /// See `client_request`.
  std::shared_ptr<const std::vector<std::pair<std::string, std::string>>> param_headers = nullptr;
  trace_context_ptr trace = nullptr;
  std::chrono::steady_clock::time_point received = {};
  std::optional<uint16_t> tools{};
};

/// Receives an answer of an actor; null if it did not answer.
template <class T>
using told = std::function<void(const T*)>;

/// The way from the connections of one shard to the actors. All functions are for
/// the thread of the shard; callbacks come on it, never before the function that
/// asked has returned, except for `on_session` of a session that is known.
class gate {
public:
  virtual ~gate() = default;

  /// Takes an exchange in, so that actors can address it. Returns 0 when there
  /// are too many.
  virtual exchange_id enter(std::shared_ptr<visitor> who) = 0;

  /// Forgets an exchange: nothing more comes to it.
  virtual void leave(exchange_id id) = 0;

  /// Looks for the session `id` behind a door.
  /// @param principal Whose token came with the request; null without one.
  virtual void find(std::string_view id, const door& where, const principal_ptr& principal, exchange_id who) = 0;

  /// Looks for the session that serves stateless requests of a client at a door.
  /// @param client Null only to learn whether the door leads anywhere.
  virtual void find_stateless(const door& where, std::shared_ptr<const client_context> client, exchange_id who) = 0;

  /// Opens a session of the handshake era.
  /// @param kept Whether it outlives the hub.
  virtual void open(const door& where, std::shared_ptr<const client_context> client, bool kept,
                    exchange_id who) = 0;

  /// Sends a request to a session. The answer comes in any case.
  virtual void ask(const known_session& session, asked request) = 0;

  /// Opens the GET stream of a session. The answer comes when it ends.
  virtual void open_stream(known_session& session, exchange_id who) = 0;

  /// Sends a notification, or an answer of the client.
  virtual void tell(const known_session& session, rpc::envelope message) = 0;

  /// Tells a session that the client has closed an exchange without an answer.
  virtual void close(known_session& session, exchange_id id, bool cancels) = 0;

  /// Ends a session.
  virtual void end(const std::string& id, const door& where, told<session_ended> callback) = 0;

  /// Has what was turned away written down. Nobody waits for it.
  virtual void report(std::vector<door_refusals> refusals) = 0;

  // -- for the management API ---------------------------------------------------

  /// Has a part of the hub tell of itself; null if there is no such part.
  virtual void get_report(hub::get_report question, told<hub::report> callback) = 0;

  virtual void get_hub_status(told<hub_status> callback) = 0;
  virtual void get_sessions(told<sessions_listed> callback) = 0;
  virtual void get_counts(told<call_counts> callback) = 0;

  /// Nobody asked answers with no locks.
  virtual void get_locks(told<locks_listed> callback) = 0;
  virtual void get_cache(told<cache_figures_told> callback) = 0;
  virtual void clear_cache(const std::string& server, told<results_dropped> callback) = 0;
  virtual void get_tools(const std::string& server, told<tools_listed> callback) = 0;
  virtual void restart(const std::string& server, told<server_restarted> callback) = 0;
  virtual void begin_login(const std::string& server, std::string redirect_uri, told<login_begun> callback) = 0;
  virtual void await_login(const std::string& server, uint64_t login, told<login_status> callback) = 0;
  virtual void end_login(std::string query, told<login_status> callback) = 0;
  virtual void reload(told<configuration_reloaded> callback) = 0;
  virtual void get_tool_changes(const std::string& server, told<tool_changes_listed> callback) = 0;
  virtual void approve(const std::string& server, const std::string& tool, told<tools_approved> callback) = 0;
  virtual void log_out(const std::string& server, told<logged_out> callback) = 0;
  virtual void reload_access(told<access_reloaded> callback) = 0;
};

} // namespace hub
