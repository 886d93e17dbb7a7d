#include "actors/cache/cache_shard.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>

#include <utility>

namespace hub {

cache_shard_actor::behavior_type cache_shard(cache_shard_actor::stateful_pointer<cache_shard_state> self,
                                             kept_limits limits) {
  self->state.results = kept_results{limits};
  auto now = [self] { return kept_results::time_point{self->clock().now().time_since_epoch()}; };
  return {
    [self, now](const look_up& x) { return self->state.results.find(x, now()); },
    [self, now](read_ended& x) { self->state.results.end_read(std::move(x), now()); },
    [self](const drop_results& x) { return self->state.results.drop(x.server); },
    [self](get_cache_figures) { return self->state.results.figures(); },
  };
}

} // namespace hub
