#pragma once

#include "actors/cache/kept_results.hpp"
#include "messages/cache.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace hub {

/// One shard of the results that are kept. It is told what to keep and what to forget by
/// the call path, whose order of messages is the order of reads and writes. If it dies,
/// calls go to their servers.
struct cache_shard_state {
  kept_results results;

  static constexpr const char* name = "cache-shard";
};

/// @param limits Those of this shard.
cache_shard_actor::behavior_type cache_shard(cache_shard_actor::stateful_pointer<cache_shard_state> self,
                                             kept_limits limits);

} // namespace hub
