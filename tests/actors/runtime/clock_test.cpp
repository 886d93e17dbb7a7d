#include "actors/runtime/asio_clock.hpp"

#include "tests/support/live_system.hpp"

#include <caf/actor_cast.hpp>
#include <caf/after.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("clock");

namespace {

using steady = std::chrono::steady_clock;

/// Collects numbers, ends at the last one and tells what came.
caf::behavior collector(caf::event_based_actor* self, size_t count,
                        std::promise<std::vector<int>>* done) {
  auto seen = std::make_shared<std::vector<int>>();
  return {
    [=](int x) {
      seen->push_back(x);
      if (seen->size() < count)
        return;
      done->set_value(*seen);
      self->quit();
    },
  };
}

} // namespace

TEST_CASE("delayed messages arrive in the order of their times") {
  std::promise<std::vector<int>> done;
  live_system live;
  auto who = live.system.spawn(collector, 5, &done);
  auto began = steady::now();
  // From this thread, so that each goes through the shard's context.
  for (int x : {40, 10, 30, 0, 20})
    caf::delayed_anon_send(who, std::chrono::milliseconds{x}, x);
  CHECK(await(done.get_future()) == std::vector<int>{0, 10, 20, 30, 40});
  CHECK(steady::now() - began >= 40ms);
}

TEST_CASE("a later message does not hold up an earlier one") {
  std::promise<std::vector<int>> done;
  live_system live;
  auto who = live.system.spawn([&](caf::event_based_actor* self) {
    self->delayed_send(self, 1h, 2);
    self->delayed_send(self, 1ms, 1);
    return collector(self, 1, &done);
  });
  CHECK(await(done.get_future()) == std::vector<int>{1});
}

TEST_CASE("an actor on another shard has the same clock") {
  std::promise<std::vector<int>> done;
  live_system live{2};
  auto began = steady::now();
  on(shard_of(live.system, 1), [&] {
    live.system.spawn([&](caf::event_based_actor* self) {
      for (int x : {3, 2, 1})
        self->delayed_send(self, std::chrono::milliseconds{5 * x}, x);
      return collector(self, 3, &done);
    });
  });
  // Each time counts from its own sending, so a machine that is busy may turn the order round.
  auto arrived = await(done.get_future());
  std::ranges::sort(arrived);
  CHECK(arrived == std::vector<int>{1, 2, 3});
  CHECK(steady::now() - began >= 15ms);
}

TEST_CASE("a timeout that is set anew moves, and one that is cancelled is forgotten") {
  std::promise<std::vector<int>> done;
  live_system live;
  auto& home = shard_of(live.system);
  auto& clock = dynamic_cast<asio_clock&>(live.system.clock());
  auto who = live.system.spawn<caf::lazy_init>(
    [](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  auto self = caf::actor_cast<caf::abstract_actor*>(who);
  auto tick = caf::atom("tick");
  auto soon = clock.now() + 1h;
  // Asked from this thread, looked at on the clock's.
  auto entries = [&] { return on(home, [&] { return clock.schedule().size(); }); };
  clock.set_ordinary_timeout(soon, self, tick, 1);
  clock.set_ordinary_timeout(soon + 1h, self, tick, 2);
  CHECK(entries() == 1);
  CHECK(on(home, [&] { return clock.schedule().begin()->first; }) == soon + 1h);
  clock.set_multi_timeout(soon, self, tick, 3);
  clock.set_multi_timeout(soon, self, tick, 4);
  CHECK(entries() == 3);
  clock.cancel_ordinary_timeout(self, tick);
  CHECK(entries() == 2);
  clock.cancel_timeouts(self);
  CHECK(entries() == 0);
  caf::delayed_anon_send(who, 1h, 1);
  CHECK(entries() == 1);
  clock.cancel_all();
  CHECK(entries() == 0);
  // The timer was called off with them and serves the next one.
  auto last = live.system.spawn(collector, 1, &done);
  caf::delayed_anon_send(last, 1ms, 7);
  CHECK(await(done.get_future()) == std::vector<int>{7});
}

TEST_CASE("an actor that hears nothing for a while is told so") {
  std::promise<int> done;
  live_system live;
  live.system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    self->send(self, 1);
    auto heard = std::make_shared<int>(0);
    return {
      [heard](int x) { *heard += x; },
      caf::after(2ms) >> [self, heard, &done] {
        done.set_value(*heard);
        self->quit();
      },
    };
  });
  CHECK(await(done.get_future()) == 1);
}

TEST_CASE("a request that nobody answers runs out of time") {
  std::promise<caf::error> done;
  live_system live;
  auto silent = live.system.spawn([](caf::event_based_actor* self) -> caf::behavior {
    return {[self](int) { return self->make_response_promise(); }};
  });
  live.system.spawn([&, silent](caf::event_based_actor* self) {
    self->request(silent, 1ms, 1).then([](int) {}, [&done](caf::error& x) {
      done.set_value(x);
    });
  });
  CHECK(await(done.get_future()) == caf::sec::request_timeout);
  caf::anon_send_exit(silent, caf::exit_reason::user_shutdown);
}
