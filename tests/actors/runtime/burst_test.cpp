#include "actors/runtime/shard.hpp"

#include "tests/support/live_system.hpp"

#include <functional>
#include <memory>
#include <string>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("burst");

TEST_CASE("handlers that are due together share one end of burst") {
  std::promise<std::string> done;
  live_system live;
  auto& home = shard_of(live.system);
  auto seen = std::make_shared<std::string>();
  // One handler makes four more due; the first of these asks for the end.
  on(home, [&] {
    for (auto name : {'a', 'b', 'c', 'd'})
      boost::asio::post(home.context(), [&home, &done, seen, name] {
        *seen += name;
        if (name == 'a')
          home.at_end_of_burst([seen, &done] { done.set_value(*seen + '.'); });
      });
  });
  CHECK(await(done.get_future()) == "abcd.");
}

TEST_CASE("what becomes due while several handlers run comes before the end of their burst") {
  std::promise<std::string> done;
  live_system live;
  auto& home = shard_of(live.system);
  auto seen = std::make_shared<std::string>();
  on(home, [&] {
    boost::asio::post(home.context(), [&, seen] {
      shard::scope woken{home};
      *seen += 'a';
      home.at_end_of_burst([seen, &done] { done.set_value(*seen + '.'); });
    });
    boost::asio::post(home.context(), [&, seen] {
      shard::scope woken{home};
      *seen += 'b';
      boost::asio::post(home.context(), [&, seen] {
        shard::scope late{home};
        *seen += 'c';
      });
    });
  });
  CHECK(await(done.get_future()) == "abc.");
}

TEST_CASE("handlers without end do not put off the end of a burst for ever") {
  std::promise<size_t> done;
  live_system live;
  auto& home = shard_of(live.system);
  size_t handled = 0;
  auto ended = false;
  std::function<void()> again = [&] {
    shard::scope woken{home};
    ++handled;
    if (!ended)
      boost::asio::post(home.context(), again);
  };
  on(home, [&] {
    home.at_end_of_burst([&] {
      ended = true;
      done.set_value(handled);
    });
    for (auto n = 0; n < 3; ++n)
      boost::asio::post(home.context(), again);
  });
  CHECK(await(done.get_future()) <= shard::handlers_per_burst + 3);
}

TEST_CASE("a task of one burst may ask for the end of the next") {
  std::promise<std::string> done;
  std::string seen;
  live_system live;
  auto& home = shard_of(live.system);
  on(home, [&] {
    home.at_end_of_burst([&] {
      seen += '1';
      home.at_end_of_burst([&] {
        seen += '3';
        done.set_value(seen);
      });
    });
    home.at_end_of_burst([&] { seen += '2'; });
  });
  CHECK(await(done.get_future()) == "123");
}

TEST_CASE("a task may own what cannot be copied") {
  std::promise<int> done;
  live_system live;
  auto& home = shard_of(live.system);
  on(home, [&] {
    home.at_end_of_burst(
      [&done, number = std::make_unique<int>(7)] { done.set_value(*number); });
  });
  CHECK(await(done.get_future()) == 7);
}

TEST_CASE("a task that has no burst left is destroyed without running") {
  auto token = std::make_shared<int>();
  bool ran = false;
  {
    live_system live;
    auto& home = shard_of(live.system);
    std::promise<void> asked;
    // The shard stops in this handler: its end of burst never comes.
    boost::asio::post(home.context(), [&] {
      home.context().stop();
      home.at_end_of_burst([token, &ran] { ran = true; });
      asked.set_value();
    });
    await(asked.get_future());
  }
  CHECK(token.use_count() == 1);
  CHECK_FALSE(ran);
}

TEST_CASE("the scratch memory of a shard stays where it is") {
  live_system live;
  auto& home = shard_of(live.system);
  auto first = on(home, [&] { return home.scratch(); });
  auto second = on(home, [&] { return home.scratch(); });
  CHECK(first.size() == shard::scratch_size);
  CHECK(first.data() == second.data());
}
