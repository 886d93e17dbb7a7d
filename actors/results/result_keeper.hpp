#pragma once

#include "actors/results/kept_texts.hpp"
#include "messages/large_result.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace hub {

/// Cuts results that are too large for their clients, and keeps the rest for a while. It works on
/// texts of megabytes, so spawn it detached. If it dies, results go to their clients whole.
struct result_keeper_state {
  kept_texts texts;

  static constexpr const char* name = "result-keeper";
};

result_keeper_actor::behavior_type result_keeper(result_keeper_actor::stateful_pointer<result_keeper_state> self,
                                                 kept_texts::limits limits);

} // namespace hub
