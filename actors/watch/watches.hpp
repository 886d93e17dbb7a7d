#pragma once

#include "actors/watch/watch_table.hpp"
#include "messages/supervisor.hpp"
#include "messages/watch.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <unordered_map>

namespace hub {

/// Keeps the subscriptions of all sessions. A server with any is kept running, and
/// told anew whenever it starts. Sessions that end are forgotten. If this actor dies,
/// clients hear of no more changes, and calls go on.
struct watches_state {
  // Not a handle first: CAF would try to make the state from the actor's pointer.
  watch_table table;
  supervisor_actor supervisor;

  /// The runs that were told what is watched.
  std::unordered_map<std::string, backend_actor> backends;

  static constexpr const char* name = "watches";
};

watch_actor::behavior_type watches(watch_actor::stateful_pointer<watches_state> self);

} // namespace hub
