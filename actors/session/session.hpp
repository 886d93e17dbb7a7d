#pragma once

#include "actors/learning/last_tools.hpp"
#include "actors/learning/learner.hpp"
#include "actors/session/federated_door.hpp"
#include "actors/session/tool_choice.hpp"
#include "actors/policy/permission_memo.hpp"
#include "messages/call_record.hpp"
#include "messages/call.hpp"
#include "messages/catalogue.hpp"
#include "messages/client.hpp"
#include "messages/kept_session.hpp"
#include "messages/large_result.hpp"
#include "messages/lock.hpp"
#include "messages/meaning.hpp"
#include "messages/reply.hpp"
#include "messages/savings.hpp"
#include "messages/supervisor.hpp"
#include "messages/watch.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hub {

/// Ends a session.
struct close_session {};

/// Ends a session that was unused for this long and has no stream open.
struct expire_session {
  std::chrono::seconds idle_limit{0};
};

struct get_session_status {};

/// Sent by a session to itself: gives up what waits too long.
struct session_tick {};

/// Other rules hold for the client of a session of the handshake era from now on.
struct policy_changed {
  /// The client with its new policy.
  std::shared_ptr<const client_context> client;

  /// All there is to see, for it may see more now.
  snapshot_ptr snapshot;
};

/// A session as the registry that owns it sees it.
using owned_session_actor = protocol<
  caf::reacts_to<policy_changed>,
  caf::reacts_to<close_session>,
  caf::reacts_to<expire_session>,
  caf::replies_to<get_session_status>::with<session_status>,
  caf::reacts_to<catalog_published>,
  caf::reacts_to<session_tick>>::also<session_actor>::handle;

/// What one session needs to know.
struct session_settings {
  /// The scope of its calls, unlike that of any other session or exchange.
  uint64_t number = 0;

  /// The value of `Mcp-Session-Id`; empty for the stateless clients of a door.
  std::string id;

  hub::door door;

  /// Null for stateless clients.
  std::shared_ptr<const client_context> client;

  /// The severity from which on the client wants log messages.
  log_level logs = log_level::debug;

  /// Keeps it for the next hub; null if it ends with this one.
  session_store_actor store{};

  /// The rules that hold for whoever uses it; null if everything is allowed.
  client_policy_ptr policy = nullptr;

  /// What the client sees, if rules hide something.
  snapshot_ptr snapshot;
  federation_settings federation;
  call_actor calls;
  supervisor_actor supervisor;
  watch_actor watches;
  catalog_actor catalog;

  /// Where refusals are written down.
  call_observers observers = nullptr;

  /// Null if there are no locks.
  lock_actor locks{};

  /// Keeps what was cut off; null if nothing is.
  result_keeper_actor results{};

  /// Whether results are cut at transparent doors, too.
  bool cuts_transparent = false;

  /// Where it is counted what the client was spared; may be null.
  std::shared_ptr<savings_counter> saved = nullptr;

  /// Counts its calls; null if nobody wants to know.
  std::shared_ptr<session_tally> tally = nullptr;

  /// Null if nothing is learnt.
  learning_ptr learning = nullptr;

  /// Null if searches go by words alone.
  meaning_ptr meaning = nullptr;
};

/// The mark by which others know a session: its id would let its reader go on with it.
std::string mark_of_session(std::string_view id);

/// A request that waits until its server's catalogue is known.
struct waiting_request {
  client_request request;
  reply<rpc_answer> asker;
  std::chrono::steady_clock::time_point deadline;
};

/// A stream on which the client hears of changes.
struct change_listener {
  exchange_address to;
  reply<rpc_answer> asker;
  visible_changes wants;

  /// The JSON of the subscription's id; empty for a GET stream.
  std::string subscription;

  /// The resources that it is told of, each with the URI that the client knows.
  std::vector<std::pair<resource_name, std::string>> resources;
};

/// One logical client. It answers from its snapshot what it can and hands all
/// calls to the call path. The registry owns it; when it ends, its calls are
/// taken back and its streams end.
struct session_state {
  session_settings settings;
  log_level logs = log_level::debug;
  std::vector<waiting_request> waiting;

  /// The supervisor was asked for the server and has not answered.
  bool asking = false;

  std::vector<change_listener> listeners;

  /// What is watched for this session.
  struct watched_resource {
    /// The URI that the client knows.
    std::string uri;

    /// How many streams want it.
    size_t count = 0;
  };
  std::map<resource_name, watched_resource> watched;

  /// What the client is asked, by the ids of our requests.
  struct question {
    reply<rpc_answer> asker;
    std::chrono::steady_clock::time_point deadline;
  };
  std::unordered_map<int64_t, question> questions;
  int64_t last_question = 0;

  /// Whether it has run servers for itself.
  bool isolates = false;

  permission_memo permissions;

  /// Which tools were called last, for what is learnt.
  hub::last_tools last_tools;

  /// Which tools clients see by themselves.
  tool_choices choices;

  /// Servers are not asked to read their lists again before.
  std::chrono::steady_clock::time_point lists_rest_until;

  /// The folder of the client's first root, which it is asked for once; empty if it is unknown.
  std::string root;
  bool asked_roots = false;

  /// Where its calls come from; made with the first one.
  std::shared_ptr<const call_origin> origin;

  std::chrono::steady_clock::time_point opened;
  std::chrono::steady_clock::time_point used;
  bool ticking = false;

  /// When the store was told last that it is used.
  std::chrono::steady_clock::time_point kept;

  static constexpr const char* name = "session";
};

owned_session_actor::behavior_type
session(owned_session_actor::stateful_pointer<session_state> self, session_settings settings);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::policy_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::close_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::expire_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::get_session_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::session_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::session_status)
