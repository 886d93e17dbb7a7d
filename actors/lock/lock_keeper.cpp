#include "actors/lock/lock_keeper.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>

#include <algorithm>
#include <utility>

namespace hub {

namespace {

using pointer = lock_actor::stateful_pointer<lock_keeper_state>;

lock_table::time now_of(pointer self) {
  return lock_table::time{self->clock().now().time_since_epoch()};
}

uint64_t microseconds_since_1970() {
  using namespace std::chrono;
  return static_cast<uint64_t>(duration_cast<microseconds>(system_clock::now().time_since_epoch()).count());
}

/// Gives the answers that are due, and sees to it that a tick comes for the next.
void settle_locks(pointer self, lock_table::answers& due) {
  auto& st = self->state;
  for (auto& [number, answer] : due)
    if (auto i = st.askers.find(number); i != st.askers.end()) {
      i->second.deliver(std::move(answer));
      st.askers.erase(i);
    }
  auto next = st.table->next_tick();
  if (next >= st.ticks_at)
    return;
  st.ticks_at = next;
  auto pause = std::max(next - now_of(self), lock_table::time::duration{0});
  self->delayed_send(self, pause, lock_tick{});
}

void watch_owner(pointer self, take_lock& x) {
  auto session = std::exchange(x.session, {});
  if (session && self->state.owners.emplace(session.id(), x.owner.scope).second)
    self->monitor(session);
}

} // namespace

lock_actor::behavior_type lock_keeper(pointer self, lock_settings settings) {
  auto first = settings.first_token != 0 ? settings.first_token : microseconds_since_1970();
  self->state.table = std::make_unique<lock_table>(first, settings.limits);
  self->set_down_handler([self](const caf::down_msg& x) {
    auto& st = self->state;
    auto i = st.owners.find(x.source.id());
    if (i == st.owners.end())
      return;
    lock_table::answers due;
    st.table->end_owner(i->second, now_of(self), due);
    st.owners.erase(i);
    settle_locks(self, due);
  });
  return {
    [self](take_lock& x) -> caf::result<lock_taken> {
      auto& st = self->state;
      watch_owner(self, x);
      auto number = ++st.last_number;
      auto promise = self->make_response_promise<lock_taken>();
      st.askers.emplace(number, reply<lock_taken>{promise});
      lock_table::answers due;
      st.table->take(number, x, now_of(self), due);
      settle_locks(self, due);
      return promise;
    },
    [self](const release_lock& x) {
      lock_table::answers due;
      auto result = self->state.table->release(x, now_of(self), due);
      settle_locks(self, due);
      return result;
    },
    [self](const cancel_lock_wait& x) {
      lock_table::answers due;
      self->state.table->cancel(x, due);
      settle_locks(self, due);
    },
    [self](list_locks) { return self->state.table->list(now_of(self)); },
    [self](lock_tick) {
      auto& st = self->state;
      st.ticks_at = lock_table::time::max();
      lock_table::answers due;
      st.table->tick(now_of(self), due);
      settle_locks(self, due);
    },
  };
}

} // namespace hub
