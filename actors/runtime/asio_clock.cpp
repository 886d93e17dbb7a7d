#include "actors/runtime/asio_clock.hpp"

#include <boost/asio/post.hpp>

#include <caf/abstract_actor.hpp>

#include <utility>

namespace hub {

asio_clock::asio_clock(shard& home) : home_(home), timer_(home.context().get_executor()) {
  // nop
}

template <class F>
void asio_clock::on_home(F f) {
  if (home_.on_own_thread()) {
    f();
    return;
  }
  std::lock_guard guard{closing_};
  // What nobody would run must not stay in the context: it holds actors, and the
  // system waits for those that have threads of their own.
  if (!closed_)
    boost::asio::post(home_.context(), std::move(f));
}

void asio_clock::set_ordinary_timeout(time_point t, caf::abstract_actor* self,
                                      caf::atom_value type, uint64_t id) {
  on_home([this, t, who = caf::strong_actor_ptr{self->ctrl()}, type, id] {
    simple_actor_clock::set_ordinary_timeout(t, who->get(), type, id);
    arm();
  });
}

void asio_clock::set_multi_timeout(time_point t, caf::abstract_actor* self,
                                   caf::atom_value type, uint64_t id) {
  on_home([this, t, who = caf::strong_actor_ptr{self->ctrl()}, type, id] {
    simple_actor_clock::set_multi_timeout(t, who->get(), type, id);
    arm();
  });
}

void asio_clock::set_request_timeout(time_point t, caf::abstract_actor* self,
                                     caf::message_id id) {
  on_home([this, t, who = caf::strong_actor_ptr{self->ctrl()}, id] {
    simple_actor_clock::set_request_timeout(t, who->get(), id);
    arm();
  });
}

// A cancellation goes by the actor's number: the actor may be on its way out, and
// a reference to it would bring it back.

void asio_clock::cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) {
  on_home([this, what = ordinary_timeout_cancellation{self->id(), type}] { handle(what); });
}

void asio_clock::cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) {
  on_home([this, what = request_timeout_cancellation{self->id(), id}] { handle(what); });
}

void asio_clock::cancel_timeouts(caf::abstract_actor* self) {
  on_home([this, what = timeouts_cancellation{self->id()}] { handle(what); });
}

void asio_clock::schedule_message(time_point t, caf::strong_actor_ptr receiver,
                                  caf::mailbox_element_ptr content) {
  on_home([this, t, receiver = std::move(receiver), content = std::move(content)]() mutable {
    simple_actor_clock::schedule_message(t, std::move(receiver), std::move(content));
    arm();
  });
}

void asio_clock::schedule_message(time_point t, caf::group target,
                                  caf::strong_actor_ptr sender, caf::message content) {
  on_home([this, t, target = std::move(target), sender = std::move(sender),
           content = std::move(content)]() mutable {
    simple_actor_clock::schedule_message(t, std::move(target), std::move(sender),
                                         std::move(content));
    arm();
  });
}

void asio_clock::cancel_all() {
  on_home([this] { drop_schedule(); });
}

void asio_clock::close() {
  {
    std::lock_guard guard{closing_};
    closed_ = true;
  }
  drop_schedule();
}

void asio_clock::drop_schedule() {
  // Dropping a message may answer its sender, and so come back here.
  actor_lookup_.clear();
  auto dropped = std::exchange(schedule_, {});
  dropped.clear();
  armed_ = time_point::max();
  timer_.cancel();
}

void asio_clock::trigger() {
  auto t = now();
  while (!schedule_.empty() && schedule_.begin()->first <= t) {
    auto first = schedule_.begin();
    auto due = std::move(first->second);
    if (due->backlink != actor_lookup_.end())
      actor_lookup_.erase(due->backlink);
    schedule_.erase(first);
    // Last, because dropping what nobody takes may come back here.
    ship(*due);
  }
}

void asio_clock::arm() {
  if (schedule_.empty() || schedule_.begin()->first >= armed_)
    return;
  armed_ = schedule_.begin()->first;
  // This also calls off the wait for a later time.
  timer_.expires_at(armed_);
  timer_.async_wait([this](const boost::system::error_code& called_off) {
    if (called_off)
      return;
    shard::scope woken{home_};
    armed_ = time_point::max();
    trigger();
    arm();
  });
}

} // namespace hub
