#pragma once

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/message_view.hpp>
#include <caf/result.hpp>

#include <utility>

namespace hub {

/// Starts an actor when its first message comes: for one with a thread of its own that many hubs never need. What it
/// is told and asked passes one that waits for it on a shard; it ends when nobody knows that one any more.
/// @param start Makes the actor: `Handle(caf::actor_system&)`. Called once.
template <class Handle, class Start>
Handle spawn_late(caf::actor_system& system, Start start) {
  auto waiting = system.spawn([start = std::move(start)](caf::event_based_actor* self) -> caf::behavior {
    auto pass_on = [start, started = caf::actor{}](caf::scheduled_actor* self,
                                                   caf::message_view& what) mutable -> caf::result<caf::message> {
      if (!started)
        started = caf::actor_cast<caf::actor>(start(self->system()));
      return self->delegate(started, what.move_content_to_message());
    };
    self->set_default_handler(std::move(pass_on));
    // An actor without a behavior ends. Nobody sends this.
    struct nothing {};
    return {[](const nothing&) {}};
  });
  return caf::actor_cast<Handle>(waiting);
}

} // namespace hub
