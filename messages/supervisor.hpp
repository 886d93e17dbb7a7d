#pragma once

#include "messages/backend.hpp"
#include "messages/catalogue.hpp"
#include "messages/server_config.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// The life of a server (design: backends have a truthful life).
enum class server_state : uint8_t {
  disabled,    ///< The configuration switches it off.
  known,       ///< Its tools may be on disk; nothing runs.
  queued,      ///< Wants to start; others are starting.
  starting,    ///< Its process runs and shakes hands.
  ready,       ///< Takes calls.
  stopping,    ///< Is told to end.
  backing_off, ///< Crashed or failed to start; tried again on the next call after a pause.
  failed       ///< Cannot start until something is fixed.
};

/// The name of a state as `status` prints it, such as `backing off`.
std::string_view to_string(server_state state) noexcept;

/// Marks the scope of a run that carries one call at a time, whoever calls.
inline constexpr uint64_t exclusive_scope = uint64_t{1} << 62;

/// Asks for a running server; it is started if need be. Many askers start it
/// once.
struct need_backend {
  std::string server;

  /// The number of the session whose own run is wanted, or `exclusive_scope` and the
  /// number of a run that carries one call at a time; 0 for the shared one.
  uint64_t scope = 0;

  /// Who has that session.
  std::shared_ptr<const client_context> client = {};
  session_actor session = {};

  /// Nothing is called: what it offers is to be known.
  bool only_to_learn = false;
};

/// A session has ended, and the runs of its own with it; or nobody uses a run that
/// carries one call at a time.
struct release_scope {
  uint64_t scope = 0;
};

/// Says something to the servers that a session has for itself.
struct tell_scope {
  uint64_t scope = 0;

  /// The method of a notification without params.
  std::string method;
};

/// Somebody asks for lists that hold no longer, as their servers said: those that run read them again.
struct refresh_lists {
  std::vector<std::string> servers;
};

/// The answer: a server that takes calls, or why there is none.
struct backend_lease {
  backend_actor backend;
  std::shared_ptr<const failure> why;
};

/// A backend shook hands and takes calls.
struct backend_ready {
  std::string server;
  uint64_t run = 0;
  int64_t pid = 0;
  bool stateless = false;

  /// The transport that was found out, if it is not the configured one.
  std::optional<transport_kind> spoken = {};
};

/// A backend is about to end; nothing follows it.
struct backend_stopped {
  std::string server;
  uint64_t run = 0;
  std::string cause;
  std::string fix;
  std::vector<std::string> last_stderr;
  bool asked_for = false;

  /// True if the server cannot be started before something is fixed, for
  /// example because its program does not exist.
  bool hopeless = false;
};

/// The process of a backend exists (before the handshake).
struct backend_spawned {
  std::string server;
  uint64_t run = 0;
  int64_t pid = 0;
};

/// A server is needed all the time from now on, or not any more.
struct keep_running {
  std::string server;
  bool on = false;
};

/// One call is over; for the figures of `status`.
struct call_ended {
  std::string server;
  int64_t duration_us = 0;
  bool failed = false;

  /// What failed, a sentence; empty otherwise.
  std::string error;

  /// The session whose own run it was; 0 for the shared one.
  uint64_t scope = 0;

  /// Who called; null if that is not known.
  std::shared_ptr<const client_context> client{};
};

struct get_status {};

struct server_status {
  std::string name;

  /// The number of the session that has this run for itself, or of the run if it
  /// carries one call at a time; 0 for the shared one.
  uint64_t session = 0;

  /// Whether it carries one call at a time.
  bool exclusive = false;

  server_state state = server_state::known;
  int64_t pid = 0;

  /// How many of each are known; -1 if it was never asked.
  int64_t tools = -1;
  int64_t resources = 0;
  int64_t prompts = 0;

  uint64_t calls = 0;
  uint64_t errors = 0;
  uint64_t starts = 0;
  uint64_t crashes = 0;

  /// 95th percentile of the last 256 calls, in milliseconds; 0 without calls.
  double p95_ms = 0;

  /// Resident memory of the process and of those it started, in bytes; 0 if
  /// none runs.
  int64_t resident_bytes = 0;

  std::string last_error;
  std::string fix;
  std::vector<std::string> last_stderr;

  /// Milliseconds until the next start is allowed; 0 if at once.
  int64_t next_try_ms = 0;

  /// Seconds since the state was entered.
  int64_t in_state_seconds = 0;

  /// Why it is in this state, and what comes next, as sentences without a full stop; either
  /// may be empty.
  std::string why;
  std::string next;

  /// `stdio`, `streamable_http` or `sse`.
  std::string transport;

  /// The file that what it writes to stderr goes to.
  std::string log;
};

struct hub_status {
  /// In the order of the configuration.
  std::vector<server_status> servers;

  /// `running` or `stopping`.
  std::string state;

  int64_t uptime_seconds = 0;
  uint64_t starts_running = 0;
  uint64_t starts_queued = 0;

  /// What becomes of predictions of use: `off`, `shadow` or `on`; how many came true, and
  /// how many did not.
  std::string warm_up = "off";
  uint64_t predictions_hit = 0;
  uint64_t predictions_missed = 0;

  /// The same for predictions that are joined with what the memory daemon has seen, and how
  /// much of that there is, in changes from one server to another.
  uint64_t joined_hit = 0;
  uint64_t joined_missed = 0;
  uint64_t uses_seen = 0;

  /// Runs that finish what is in flight; their servers have another configuration by now.
  uint64_t runs_retiring = 0;
};

/// Ends a server if it runs, forgets its pauses and starts it anew.
struct restart_server {
  std::string server;
};

struct server_restarted {
  bool ok = false;

  /// What happened, a sentence with cause and fix.
  std::string message;
};

/// Ends all servers. The answer comes when no child is left.
struct shut_down {
  /// How long a server may take to end by itself.
  uint32_t grace_ms = 2000;
};

struct shut_down_done {
  uint64_t killed = 0;
};

/// Owns the lives of all servers: it starts, restarts and stops them, and it
/// alone knows their states.
using supervisor_actor = protocol<
  caf::replies_to<need_backend>::with<backend_lease>,
  caf::replies_to<get_status>::with<hub_status>,
  caf::replies_to<restart_server>::with<server_restarted>,
  caf::replies_to<shut_down>::with<shut_down_done>,
  caf::reacts_to<backend_spawned>,
  caf::reacts_to<backend_ready>,
  caf::reacts_to<backend_stopped>,
  caf::reacts_to<catalogue_learned>,
  caf::reacts_to<keep_running>,
  caf::reacts_to<release_scope>,
  caf::reacts_to<tell_scope>,
  caf::reacts_to<refresh_lists>,
  caf::reacts_to<call_ended>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::need_backend)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::backend_lease)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::backend_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::backend_stopped)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::backend_spawned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::keep_running)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::release_scope)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::tell_scope)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::refresh_lists)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::call_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::get_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::hub_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::restart_server)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::server_restarted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::shut_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::shut_down_done)
