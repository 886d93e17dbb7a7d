#include "actors/runtime/asio_coordinator.hpp"
#include "actors/runtime/pinned.hpp"

#include "tests/support/live_system.hpp"

#include <boost/asio/steady_timer.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("stop");

namespace {

/// How many threads this process has.
size_t threads() {
  auto tasks = std::filesystem::directory_iterator{"/proc/self/task"};
  return static_cast<size_t>(std::distance(begin(tasks), end(tasks)));
}

/// Counts the states that exist.
std::atomic<int> living{0};

struct worker_state {
  worker_state() {
    ++living;
  }

  worker_state(const worker_state&) = delete;

  ~worker_state() {
    --living;
  }

  std::string ballast = std::string(100, 'x');
  caf::actor peer;

  static constexpr const char* name = "worker";
};

/// Passes what it gets to its peer, for ever.
caf::behavior worker(caf::stateful_actor<worker_state>* self) {
  return {
    [self](const caf::actor& peer) { self->state.peer = peer; },
    [self](int x) {
      if (self->state.peer)
        self->send(self->state.peer, x + 1);
    },
  };
}

/// Waits for a timer that does not come, on its own shard or another one.
class waiter : public pinned<caf::event_based_actor> {
public:
  waiter(caf::actor_config& cfg, shard& home, shard& other)
    : pinned(cfg, home), own_(home.context()), foreign_(other.context()) {
    ++living;
  }

  ~waiter() override {
    --living;
  }

  caf::behavior make_behavior() override {
    own_.expires_after(1h);
    own_.async_wait([this, hold = hold()](auto) { act([] {}); });
    foreign_.expires_after(1h);
    foreign_.async_wait([hold = hold()](auto) {});
    return {[](int x) { return x; }};
  }

private:
  boost::asio::steady_timer own_;
  boost::asio::steady_timer foreign_;
};

} // namespace

TEST_CASE("the threads of a system are gone when it is") {
  // The first system may start threads that stay, such as a sanitizer's.
  { live_system live; }
  auto before = threads();
  {
    live_system live{3};
    CHECK(threads() == before + 3);
  }
  CHECK(threads() == before);
}

TEST_CASE("a thousand busy actors with full mailboxes stop, and nothing of them is left") {
  for (size_t shards : {1, 2}) {
    {
      live_system live{shards};
      live.system.await_actors_before_shutdown(false);
      std::vector<caf::actor> all;
      for (int i = 0; i < 1000; ++i)
        all.push_back(live.system.spawn(worker));
      for (size_t i = 0; i < all.size(); ++i)
        caf::anon_send(all[i], all[(i + 1) % all.size()]);
      for (int round = 0; round < 20; ++round)
        for (auto& x : all)
          caf::anon_send(x, 0);
      // All of them live, and the work does not end by itself.
      on(shard_of(live.system), [] {});
      CHECK(living == 1000);
    }
    CHECK(living == 0);
  }
}

TEST_CASE("who asks an actor that never gets its turn is told that it ended") {
  std::promise<caf::error> answer;
  {
    live_system live;
    live.system.await_actors_before_shutdown(false);
    auto& home = shard_of(live.system);
    on(home, [&] { home.context().stop(); });
    auto late = live.system.spawn(worker);
    live.system.spawn<caf::detached>([&, late](caf::event_based_actor* self) {
      self->request(late, caf::infinite, 1).then([](int) {}, [&answer](caf::error& x) {
        answer.set_value(x);
      });
    });
  }
  CHECK(await(answer.get_future()) != caf::none);
  CHECK(living == 0);
}

TEST_CASE("handlers that wait on one shard may own what lives on another") {
  {
    live_system live{2};
    live.system.await_actors_before_shutdown(false);
    caf::scoped_actor self{live.system, true};
    for (size_t i : {0, 1}) {
      auto& home = shard_of(live.system, i);
      auto who = spawn_pinned<waiter>(live.system, home, shard_of(live.system, i + 1));
      self->request(who, patience, 1)
        .receive([](int) {}, [](caf::error& x) { FAIL(to_string(x)); });
    }
    CHECK(living == 2);
  }
  CHECK(living == 0);
}

TEST_CASE("messages that are due after the end are dropped with their receivers") {
  {
    live_system live{2};
    live.system.await_actors_before_shutdown(false);
    for (int i = 0; i < 10; ++i)
      caf::delayed_anon_send(live.system.spawn(worker), 1h, 1);
    on(shard_of(live.system), [] {});
  }
  CHECK(living == 0);
}

TEST_CASE("a detached actor that ended is not held by a message that is due later") {
  // The system waits for the threads of such actors, for ever if need be.
  live_system live;
  live.system.await_actors_before_shutdown(false);
  auto waiting = live.system.spawn<caf::detached>([](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, 1h, 1);
    return {[](int) {}};
  });
  caf::anon_send_exit(waiting, caf::exit_reason::user_shutdown);
}

TEST_CASE("a detached actor may go on sending while the shards stop") {
  std::promise<void> sending;
  {
    live_system live{2};
    live.system.await_actors_before_shutdown(false);
    std::vector<caf::actor> all;
    for (int i = 0; i < 100; ++i)
      all.push_back(live.system.spawn(worker));
    live.system.spawn<caf::detached>([all, &sending](caf::event_based_actor* self) -> caf::behavior {
      constexpr int rounds = 2000;
      auto left = std::make_shared<int>(rounds);
      self->send(self, caf::atom("go"));
      return {
        [=, &sending](caf::atom_value) {
          if (*left == rounds)
            sending.set_value();
          for (auto& x : all)
            self->send(x, 1);
          if (--*left > 0)
            self->send(self, caf::atom("go"));
          else
            self->quit();
        },
      };
    });
    await(sending.get_future());
  }
  CHECK(living == 0);
}
