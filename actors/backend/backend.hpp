#pragma once

#include "actors/backend/server_protocol.hpp"
#include "actors/backend/waiting_calls.hpp"
#include "messages/backend.hpp"
#include "messages/reply.hpp"
#include "messages/secret.hpp"
#include "messages/supervisor.hpp"
#include "messages/watch.hpp"

#include <caf/expected.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace hub {

/// Why a transport could not even be tried: the cause and the fix.
struct open_failure {
  std::string cause;
  std::string fix;
};

/// Opens the connection to a server for the given owner.
using transport_opener = std::function<
  std::variant<transport_actor, open_failure>(caf::actor_system&, const transport_owner&, const fetched_secrets&)>;

/// What one run of a server needs to know.
struct backend_settings {
  /// The configured name.
  std::string server;

  /// `server_config::fingerprint`.
  std::string fingerprint;

  /// Numbers the runs of this server.
  uint64_t run = 0;

  /// What an earlier run found out.
  known_era era = known_era::unknown;

  protocol_limits limits;

  connection_traits traits;

  /// The most calls that the server carries at a time; further ones wait. 0 is no bound
  /// but that of `protocol_limits`.
  size_t max_concurrent = 0;

  transport_opener open;

  /// Makes who fetches the secrets that `open` gets, and which; null if it needs none.
  std::function<secret_actor(caf::actor_system&)> make_fetcher{};
  std::vector<std::string> secrets{};

  supervisor_actor supervisor;

  /// Who keeps the catalogues; may be null.
  catalog_actor catalog;

  /// Who keeps the subscriptions; may be null.
  watch_actor watches;
};

/// Keeps one run of one server going: owns its transport and what is in flight,
/// is owned by the supervisor. When the connection ends it answers every open
/// call, tells the supervisor why, and quits; when it is killed, `reply`
/// answers for it and the transport goes with it.
struct backend_state {
  /// An answer that is owed.
  struct debt {
    reply<rpc_answer> asker;

    /// When the call left the line; no time if it stood in none.
    server_protocol::time_point let_through{};
  };

  ~backend_state();

  backend_settings settings;
  server_protocol protocol{"", known_era::unknown, {}};
  transport_actor transport;
  std::unordered_map<call_id, debt> owed;

  /// Calls that wait because the server carries as many as it may. They are owed, too.
  waiting_calls line;

  /// Who waits for a subscription, by the id of our request.
  std::unordered_map<int64_t, reply<rpc_answer>> watchers;

  /// For the transport of this run.
  fetched_secrets secrets;

  /// No more calls are taken.
  bool stop_asked = false;

  /// The connection was told to end.
  bool closing = false;
  bool ticking = false;

  /// The transport that was found out, if it is not the configured one.
  std::optional<transport_kind> spoken;

  /// The child's, 0 before it runs.
  int64_t pid = 0;

  static constexpr const char* name = "backend";
};

backend_actor::behavior_type
backend(backend_actor::stateful_pointer<backend_state> self, backend_settings settings);

} // namespace hub
