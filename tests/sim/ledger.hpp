#pragma once

#include "messages/client.hpp"
#include "tests/sim/marker.hpp"

#include <caf/actor_addr.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hub::sim {

/// A request that a client sent, and what became of it.
struct sent_request {
  std::string marker;
  std::string method;
  exchange_id exchange = 0;

  /// Whether a good answer must hold the marker.
  bool marked = false;

  /// Whether its id may be in use by another request of the same client.
  bool id_reused = false;

  /// Whether the client took it back.
  bool taken_back = false;

  /// Set when the session it went to has ended.
  std::shared_ptr<bool> session_gone;

  /// Whether that was so when the answer came.
  bool session_was_gone = false;

  /// How many answers came, of any kind.
  int answers = 0;

  /// The last answer, or the error that came in its place.
  std::optional<rpc_answer> answer;
  std::string error;
};

/// A child process of the world.
struct living_child {
  std::string server;

  /// The backend that it belongs to.
  caf::actor_id owner = 0;
};

/// What happened in a world, for the checks. Actors outlive the test that
/// started them by a few turns, so it is shared.
struct ledger {
  std::vector<std::shared_ptr<sent_request>> requests;
  std::map<caf::actor_id, caf::actor_addr> backends;
  std::map<uint64_t, living_child> children;
  std::set<exchange_id> streams;

  /// Notifications by the exchange they were written to.
  std::vector<std::pair<exchange_id, std::string>> events;

  uint64_t children_born = 0;
  uint64_t kills = 0;
  uint64_t streams_open = 0;

  /// What must never happen and did.
  std::vector<std::string> violations;
};

} // namespace hub::sim
