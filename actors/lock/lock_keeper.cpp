#include "actors/lock/lock_keeper.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace hub {

namespace {

using pointer = wired_lock_actor::stateful_pointer<lock_keeper_state>;

/// How often a lock is asked for that another agent of the mesh has.
constexpr std::chrono::seconds mesh_pause{1};

lock_table::time now_of(pointer self) {
  return lock_table::time{self->clock().now().time_since_epoch()};
}

uint64_t microseconds_since_1970() {
  using namespace std::chrono;
  return static_cast<uint64_t>(duration_cast<microseconds>(system_clock::now().time_since_epoch()).count());
}

void settle_locks(pointer self, lock_table::answers& due);

/// Gives locks of the mesh back that nobody holds here any more.
void sweep_mesh(pointer self) {
  auto& st = self->state;
  std::erase_if(st.mesh_locks, [&](const std::string& name) {
    if (st.table->is_held(name))
      return false;
    self->send(st.settings.mesh, release_mesh_lock{name});
    return true;
  });
}

/// Gives a lock back that was given here, because its asker does not get it.
void give_back(pointer self, lock_keeper_state::meshing& x, lock_taken answer) {
  lock_table::answers due;
  self->state.table->release({x.who.name, x.who.owner, x.granted.token}, now_of(self), due);
  x.who.answer.deliver(std::move(answer));
  settle_locks(self, due);
}

void mesh_answered(pointer self, uint64_t number, const std::string& name, const mesh_lock_taken& x) {
  auto& st = self->state;
  auto granted = x.outcome == mesh_lock_outcome::granted;
  if (granted)
    st.mesh_locks.insert(name);
  auto i = st.meshed.find(number);
  if (i == st.meshed.end())
    return sweep_mesh(self);
  if (!st.table->is_held(name, i->second.granted.token)) {
    // Its lease has ended meanwhile, or its session.
    auto late = std::move(i->second);
    st.meshed.erase(i);
    late.who.answer.deliver(lock_taken{lock_outcome::busy});
    return sweep_mesh(self);
  }
  if (x.outcome == mesh_lock_outcome::busy && now_of(self) + mesh_pause <= i->second.who.deadline) {
    self->delayed_send(self, mesh_pause, retry_mesh_lock{number});
    return;
  }
  auto done = std::move(i->second);
  st.meshed.erase(i);
  if (x.outcome == mesh_lock_outcome::busy) {
    lock_taken busy{lock_outcome::busy};
    busy.holder = "agent " + x.holder + " of the mesh";
    busy.in_mesh = true;
    return give_back(self, done, std::move(busy));
  }
  done.granted.in_mesh = granted;
  done.who.answer.deliver(std::move(done.granted));
}

void ask_mesh(pointer self, uint64_t number, const std::string& name) {
  self->request(self->state.settings.mesh, caf::infinite, take_mesh_lock{name})
    .then([self, number, name](const mesh_lock_taken& x) { mesh_answered(self, number, name, x); },
          [self, number, name](const caf::error&) { mesh_answered(self, number, name, {}); });
}

/// Answers a request, or has the mesh asked first.
void answer(pointer self, uint64_t number, lock_keeper_state::asker who, lock_taken x) {
  auto& st = self->state;
  auto& memory = st.settings.memory;
  x.in_mesh = st.mesh_locks.contains(who.name);
  if (x.outcome != lock_outcome::granted || x.in_mesh || !memory || !memory->mesh_wanted) {
    who.answer.deliver(std::move(x));
    return;
  }
  auto name = who.name;
  st.meshed.emplace(number, lock_keeper_state::meshing{std::move(who), std::move(x)});
  ask_mesh(self, number, name);
}

/// Gives the answers that are due, and sees to it that a tick comes for the next.
void settle_locks(pointer self, lock_table::answers& due) {
  auto& st = self->state;
  for (auto& [number, x] : due)
    if (auto i = st.askers.find(number); i != st.askers.end()) {
      auto who = std::move(i->second);
      st.askers.erase(i);
      answer(self, number, std::move(who), std::move(x));
    }
  if (!st.mesh_locks.empty())
    sweep_mesh(self);
  auto next = st.table->next_tick();
  if (next >= st.ticks_at)
    return;
  st.ticks_at = next;
  auto pause = std::max(next - now_of(self), lock_table::time::duration{0});
  self->delayed_send(self, pause, lock_tick{});
}

/// Takes requests back that wait for the mesh.
void cancel_meshed(pointer self, const cancel_lock_wait& x) {
  auto& st = self->state;
  std::vector<lock_keeper_state::meshing> cancelled;
  for (auto i = st.meshed.begin(); i != st.meshed.end();) {
    auto& who = i->second.who;
    auto meant = who.request_scope == x.request_scope && (x.request_id.empty() || who.request_id == x.request_id);
    if (meant)
      cancelled.push_back(std::move(i->second));
    i = meant ? st.meshed.erase(i) : std::next(i);
  }
  for (auto& y : cancelled)
    give_back(self, y, lock_taken{lock_outcome::cancelled});
}

void watch_owner(pointer self, take_lock& x) {
  auto session = std::exchange(x.session, {});
  if (session && self->state.owners.emplace(session.id(), x.owner.scope).second)
    self->monitor(session);
}

} // namespace

wired_lock_actor::behavior_type lock_keeper(pointer self, lock_settings settings) {
  self->state.settings = settings;
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
      st.askers.emplace(number, lock_keeper_state::asker{reply<lock_taken>{promise}, x.name, x.owner, x.request_scope,
                                                         x.request_id, now_of(self) + x.wait});
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
      cancel_meshed(self, x);
    },
    [self](list_locks) { return self->state.table->list(now_of(self)); },
    [self](const retry_mesh_lock& x) {
      if (auto i = self->state.meshed.find(x.number); i != self->state.meshed.end())
        ask_mesh(self, x.number, i->second.who.name);
    },
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
