#pragma once

#include "actors/runtime/shard.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/spawn_options.hpp>

#include <cassert>
#include <exception>
#include <utility>

namespace hub {

/// Makes an actor run on one shard only, so that it may own sockets and
/// descriptors of that shard with no lock or post.
///
///     class gate : public pinned<gate_actor::base> {
///     public:
///       gate(caf::actor_config& cfg, shard& home) : pinned(cfg, home) {}
///       behavior_type make_behavior() override;
///       void on_exit() override; // closes the sockets
///     };
///     auto g = spawn_pinned<gate>(system, shard_of(system));
///
/// A completion handler holds the actor and enters it by `act`:
///
///     socket_.async_wait(wait_read, [this, hold = hold()](auto failure) {
///       act([&] { readable(failure); });
///     });
///
/// Such a handler keeps the actor's memory alive, so `on_exit` must close what
/// handlers wait for: it runs on the shard, once, when the actor ends.
template <class Base>
class pinned : public Base {
public:
  template <class... Ts>
  explicit pinned(caf::actor_config& cfg, shard& home, Ts&&... xs)
    : Base(with_host(cfg, home), std::forward<Ts>(xs)...), home_(home) {
    // nop
  }

  /// The shard that runs this actor. Safe from any thread.
  shard& home() const noexcept {
    return home_;
  }

  using Base::enqueue;

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    Base::enqueue(std::move(what), &home_);
  }

  void launch(caf::execution_unit*, bool lazy, bool hide) override {
    Base::launch(&home_, lazy, hide);
  }

protected:
  /// Keeps this actor in memory while a handler waits.
  caf::strong_actor_ptr hold() {
    return this->ctrl();
  }

  /// Runs `f` as a part of this actor, from a completion handler: actors that it
  /// wakes run as it returns, an exception ends this actor only, and `quit` takes
  /// effect as `f` returns. Does nothing when the actor has ended. Not for use in
  /// a message handler; what belongs to the current message (`current_sender`,
  /// `make_response_promise`, `delegate`) must not be used in `f`.
  template <class F>
  void act(F&& f) {
    assert(home_.on_own_thread());
    constexpr auto ended
      = caf::abstract_actor::is_cleaned_up_flag | caf::abstract_actor::is_shutting_down_flag;
    if (this->getf(ended))
      return;
    shard::scope woken{home_};
    try {
      std::forward<F>(f)();
    } catch (...) {
      auto what = std::current_exception();
      this->quit(this->exception_handler_(this, what));
    }
    // Before its first turn an actor has no behavior, which would look like an end.
    if (this->getf(caf::abstract_actor::is_initialized_flag)
        || this->getf(caf::abstract_actor::is_shutting_down_flag))
      this->finalize();
  }

private:
  static caf::actor_config& with_host(caf::actor_config& cfg, shard& home) {
    cfg.host = &home;
    return cfg;
  }

  shard& home_;
};

/// Starts a pinned actor on its shard. Safe from any thread.
/// @param xs Arguments of the constructor after `cfg` and `home`.
template <class Actor, caf::spawn_options Options = caf::no_spawn_options, class... Ts>
auto spawn_pinned(caf::actor_system& system, shard& home, Ts&&... xs) {
  caf::actor_config cfg{&home};
  return system.spawn_impl<Actor, Options>(cfg, home, std::forward<Ts>(xs)...);
}

} // namespace hub
