#pragma once

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace hub::test {

struct stage_config : caf::actor_system_config {
  stage_config() {
    set("scheduler.policy", caf::atom("testing"));
  }
};

/// A world with one thread and a clock that moves only when told to. Nothing in
/// it waits: what has not happened when the actors have nothing left to do is a
/// failure at once. Pinned actors need a shard and so a `live_system`.
///
/// Promises and replies must be answered in a turn of their actor, so from a
/// message handler: CAF's scheduler for tests makes a new execution unit for each
/// turn, and outside of one an actor points to the last one, which is gone.
struct stage {
  stage_config config;
  caf::actor_system system{config};

  /// Sends on behalf of the test. Does not count as a running actor.
  caf::scoped_actor self{system, true};

  caf::scheduler::test_coordinator& scheduler
    = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());

  stage() {
    // Nobody would run the actors that a test leaves behind.
    system.await_actors_before_shutdown(false);
  }

  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  ~stage() {
    settle();
  }

  /// Lets every actor handle its messages; time stands still.
  void settle() {
    scheduler.run();
  }

  /// Lets time pass, and everything that is due happen.
  void pass(std::chrono::nanoseconds time) {
    settle();
    scheduler.advance_time(time);
    settle();
  }

  /// How many actors have not ended, apart from the hidden ones.
  size_t actors() {
    return system.registry().running();
  }

  /// A question that was asked; the answer comes as the actors run.
  template <class Reply>
  class asked {
  public:
    /// Whether there is an answer, good or bad.
    bool answered() const {
      return outcome_->value || outcome_->failure;
    }

    /// The answer. Fails the test when there is none, or an error.
    Reply& value() const {
      if (!answered())
        FAIL("nobody answered");
      if (outcome_->failure)
        FAIL("the answer is an error: " << caf::to_string(*outcome_->failure));
      return *outcome_->value;
    }

    /// The error that is the answer. Fails the test when there is none, or when
    /// the answer is a good one.
    caf::error& error() const {
      if (!answered())
        FAIL("nobody answered");
      if (outcome_->value)
        FAIL("the answer is no error");
      return *outcome_->failure;
    }

  private:
    friend stage;

    struct outcome {
      std::optional<Reply> value;
      std::optional<caf::error> failure;
    };

    std::shared_ptr<outcome> outcome_ = std::make_shared<outcome>();
  };

  /// Asks an actor in the name of a new one, and does not wait.
  /// `Reply` is `caf::unit_t` where the answer is empty.
  template <class Reply, class Handle, class... Question>
  asked<Reply> begin_ask(const Handle& whom, Question... question) {
    asked<Reply> result;
    system.spawn<caf::hidden>([&](caf::event_based_actor* asker) {
      auto outcome = result.outcome_;
      auto request = asker->request(whom, caf::infinite, std::move(question)...);
      auto failed = [outcome](caf::error& x) { outcome->failure = std::move(x); };
      if constexpr (std::is_same_v<Reply, caf::unit_t>)
        request.then([outcome] { outcome->value.emplace(); }, failed);
      else
        request.then([outcome](Reply& x) { outcome->value = std::move(x); }, failed);
    });
    // The asker reads its arguments here and not later.
    scheduler.run_once_lifo();
    return result;
  }

  /// Asks an actor, lets everything settle and returns its answer. Fails the test
  /// when there is none by then.
  template <class Reply, class Handle, class... Question>
  Reply ask(const Handle& whom, Question... question) {
    auto pending = begin_ask<Reply>(whom, std::move(question)...);
    settle();
    return std::move(pending.value());
  }

  /// Asks an actor what it should refuse, and returns the error.
  template <class Reply, class Handle, class... Question>
  caf::error ask_in_vain(const Handle& whom, Question... question) {
    auto pending = begin_ask<Reply>(whom, std::move(question)...);
    settle();
    return std::move(pending.error());
  }
};

} // namespace hub::test
