#pragma once

#include "messages/call_record.hpp"
#include "messages/report.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// A client has searched for tools.
struct search_ended {
  std::chrono::system_clock::time_point at;

  std::shared_ptr<const client_context> client;
  std::shared_ptr<const call_origin> origin;

  /// The folder that the client works in; empty if it is unknown.
  std::string project;

  /// What was asked for, as it was written.
  std::string request;

  /// The tools that were shown, by configured name of their server and the name that this gave them.
  std::vector<std::pair<std::string, std::string>> shown;
};

/// Sent by the learner to itself: does what is due.
struct learner_tick {
  /// Only because time has passed.
  bool fade = false;
};

/// Learns from searches and calls that have ended; nobody waits for that.
using learner_actor = protocol<
  caf::reacts_to<search_ended>,
  caf::reacts_to<learner_tick>>::also<call_observer_actor>::also<report_actor>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::search_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::learner_tick)
