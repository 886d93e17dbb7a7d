#include "actors/runtime/asio_coordinator.hpp"

#include "tests/support/live_system.hpp"
#include "tests/support/stage.hpp"

#include <boost/asio/steady_timer.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <pthread.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("coordinator");

namespace {

/// Sends each number back, one higher.
caf::behavior echo(caf::event_based_actor*) {
  return {[](int x) { return x + 1; }};
}

} // namespace

TEST_CASE("an actor answers on a shard") {
  live_system live;
  caf::scoped_actor self{live.system, true};
  auto who = live.system.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {
      [](int) {
        char name[16] = {};
        pthread_getname_np(pthread_self(), name, sizeof(name));
        return std::string{name};
      },
    };
  });
  self->request(who, patience, 1).receive([](const std::string& x) { CHECK(x == "shard-0"); },
                                          [](caf::error& x) { FAIL(to_string(x)); });
}

TEST_CASE("a configuration that says nothing gives one shard") {
  caf::actor_system_config config;
  config.load<asio_coordinator>();
  caf::actor_system system{config};
  auto& coordinator = dynamic_cast<asio_coordinator&>(system.scheduler());
  CHECK(coordinator.size() == 1);
  CHECK(coordinator.max_throughput() == 64);
  CHECK(&shard_of(system, 5) == &coordinator.at(0));
  CHECK(system.detached_actors() == 0);
}

TEST_CASE_FIXTURE(stage, "a system on another scheduler has no shards") {
  CHECK_THROWS_AS(shard_of(system), std::logic_error);
}

TEST_CASE("messages from many threads all arrive, those of one thread in order") {
  constexpr int threads = 8;
  constexpr int each = 2000;
  std::promise<bool> done;
  live_system live{2};
  auto sink = live.system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    struct tally {
      int next[threads] = {};
      int total = 0;
      bool in_order = true;
    };
    auto seen = std::make_shared<tally>();
    return {
      [=, &done](int thread, int number) {
        seen->in_order &= seen->next[thread]++ == number;
        if (++seen->total == threads * each) {
          done.set_value(seen->in_order);
          self->quit();
        }
      },
    };
  });
  std::vector<std::thread> senders;
  for (int t = 0; t < threads; ++t)
    senders.emplace_back([=] {
      for (int i = 0; i < each; ++i)
        caf::anon_send(sink, t, i);
    });
  for (auto& x : senders)
    x.join();
  CHECK(await(done.get_future()));
}

TEST_CASE("actors that never rest leave timers and sockets their turn") {
  std::promise<int> done;
  std::atomic<uint64_t> rounds{0};
  live_system live;
  auto& home = shard_of(live.system);
  // A chatty pair, and an actor that always has a message for itself.
  auto ping = live.system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    auto pong = self->spawn<caf::linked>(echo);
    self->send(pong, 0);
    return {
      [=, &rounds](int x) {
        ++rounds;
        self->send(pong, x);
      },
    };
  });
  auto busy = live.system.spawn([](caf::event_based_actor* self) -> caf::behavior {
    self->send(self, 0);
    return {[self](int x) { self->send(self, x); }};
  });
  boost::asio::steady_timer timer{home.context()};
  std::function<void(int)> tick = [&](int count) {
    if (count == 20)
      return done.set_value(count);
    timer.expires_after(1ms);
    timer.async_wait([&, count](auto) { tick(count + 1); });
  };
  boost::asio::post(home.context(), [&] { tick(0); });
  CHECK(await(done.get_future()) == 20);
  // Nor do the actors starve each other.
  CHECK(rounds > 100);
  caf::anon_send_exit(ping, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(busy, caf::exit_reason::user_shutdown);
}

TEST_CASE("what a handler wakes has run when its scope is closed") {
  int seen = 0;
  live_system live;
  auto& home = shard_of(live.system);
  auto who = live.system.spawn([&](caf::event_based_actor*) -> caf::behavior {
    return {[&](int x) { seen += x; }};
  });
  // `on` opens a scope of its own, which is the outermost and so the one that counts.
  auto within = on(home, [&] {
    {
      shard::scope woken{home};
      caf::anon_send(who, 1);
      caf::anon_send(who, 2);
    }
    return seen;
  });
  CHECK(within == 0);
  CHECK(on(home, [&] { return seen; }) == 3);
  caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
}

TEST_CASE("an exception in an actor ends that actor only") {
  live_system live;
  caf::scoped_actor self{live.system, true};
  auto fragile = live.system.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](int) -> int { throw std::runtime_error("it broke"); }};
  });
  auto sound = live.system.spawn(echo);
  self->monitor(fragile);
  self->request(fragile, patience, 1)
    .receive([](int) { FAIL("it should have failed"); },
             [](caf::error& x) { CHECK(x != caf::none); });
  self->receive([&](const caf::down_msg& x) {
    CHECK(x.source == fragile.address());
    CHECK(x.reason != caf::none);
  });
  self->request(sound, patience, 1)
    .receive([](int x) { CHECK(x == 2); }, [](caf::error& x) { FAIL(to_string(x)); });
}

TEST_CASE("a detached actor may talk to those on the shards") {
  std::promise<int> done;
  live_system live;
  auto sound = live.system.spawn(echo);
  live.system.spawn<caf::detached>([&, sound](caf::event_based_actor* self) {
    self->request(sound, caf::infinite, 41).then([&done](int x) { done.set_value(x); });
  });
  CHECK(await(done.get_future()) == 42);
}
