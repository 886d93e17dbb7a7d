#pragma once

#include "actors/session/session.hpp"
#include "messages/access.hpp"
#include "messages/management.hpp"
#include "messages/meaning.hpp"
#include "messages/plugin.hpp"
#include "messages/policy.hpp"

#include <chrono>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hub {

/// What all sessions have in common, and their bounds.
struct registry_settings {
  size_t max_sessions = 1000;
  std::chrono::seconds idle_limit{3600};
  federation_settings federation;

  call_actor calls;
  supervisor_actor supervisor;
  watch_actor watches;
  catalog_actor catalog;

  /// Where refusals are written down.
  call_observers observers = nullptr;

  /// For the tools of the locks; null if there are none.
  lock_actor locks{};

  /// Null if nothing is learnt.
  learning_ptr learning = nullptr;

  /// Null if searches go by words alone.
  meaning_ptr meaning = nullptr;

  /// What is known at the start.
  snapshot_ptr snapshot;

  /// The rules in force; null if there are none.
  permission_table_ptr permissions = nullptr;

  /// Keeps sessions for the next hub; may be null.
  session_store_actor store{};

  /// Sessions of the hub before this one.
  std::vector<kept_session> kept{};

  /// Keeps what was cut off large results; null if nothing is.
  result_keeper_actor results = {};

  /// Whether results are cut at transparent doors, too.
  bool cuts_transparent = false;

  /// Where it is counted what clients are spared; may be null.
  std::shared_ptr<savings_counter> saved = nullptr;

  /// Who hears of sessions; may be null.
  plugin_port_ptr plugins = nullptr;
};

/// Owns all sessions and hands each new snapshot on to them. A session that
/// ends, however it ends, is forgotten.
struct registry_state {
  registry_state() = default;

  /// Ends all sessions. An open stream keeps its session alive, so that letting
  /// go of the handle would not do.
  ~registry_state();

  void end_all();

  registry_settings settings;

  struct entry {
    hub::door door;
    owned_session_actor actor;
    std::shared_ptr<const client_context> client;

    /// Whether the store knows it.
    bool kept = false;

    std::chrono::steady_clock::time_point opened{};

    /// Null if no plugin wanted to hear of it as it began.
    std::shared_ptr<session_tally> tally = nullptr;
  };

  /// By `Mcp-Session-Id`.
  std::unordered_map<std::string, entry> sessions;

  /// Sessions of the hub before this one that nobody has asked for yet, by their
  /// ids. They have no actor.
  std::unordered_map<std::string, kept_session> sleeping;

  /// The stateless clients of each door, and of each set of permission rules.
  std::map<std::pair<door, std::string>, owned_session_actor> stateless;

  uint64_t last_number = 0;

  static constexpr const char* name = "session-registry";
};

/// Sent by the registry to itself: looks for idle sessions.
struct sweep_sessions {};

/// Ends all sessions because the hub does; those that are kept go on with the next one.
struct end_sessions {};

struct sessions_ended {};

/// The registry as it is wired: it reads the catalog and lists its tools, too.
using wired_registry_actor = protocol<
  caf::reacts_to<sweep_sessions>,
  caf::reacts_to<catalog_published>,
  caf::reacts_to<access_changed>,
  caf::replies_to<end_sessions>::with<sessions_ended>,
  caf::replies_to<permissions_changed>::with<permissions_taken>,
  caf::replies_to<list_tools>::with<tools_listed>>::also<session_registry_actor>::handle;

wired_registry_actor::behavior_type
session_registry(wired_registry_actor::stateful_pointer<registry_state> self,
                 registry_settings settings);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::sweep_sessions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::end_sessions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::sessions_ended)
