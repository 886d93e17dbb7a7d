#pragma once

#include "actors/runtime/asio_coordinator.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <boost/asio/post.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hub::test {

/// How long a test waits for what must happen, before it fails.
inline constexpr std::chrono::seconds patience{20};

/// Waits for a value; fails the test when it does not come.
template <class T>
T await(std::future<T> value) {
  REQUIRE_MESSAGE(value.wait_for(patience) == std::future_status::ready,
                  "waited in vain");
  return value.get();
}

/// Runs `f` on a shard and returns what it returns.
template <class F>
auto on(shard& home, F f) {
  using result = std::invoke_result_t<F>;
  auto task = std::make_shared<std::packaged_task<result()>>(std::move(f));
  auto value = task->get_future();
  boost::asio::post(home.context(), [&home, task] {
    shard::scope woken{home};
    (*task)();
  });
  return await(std::move(value));
}

/// What actors printed; filled by a shard, read by the test.
class printed_lines {
public:
  void add(std::string_view line) {
    std::lock_guard guard{mutex_};
    lines_.emplace_back(line);
  }

  std::vector<std::string> all() const {
    std::lock_guard guard{mutex_};
    return lines_;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// An actor system on real shards and real time. What its actors point to must be
/// declared before it, so that it outlives them.
struct live_system {
  printed_lines printed;
  caf::actor_system_config config;
  caf::actor_system system;

  explicit live_system(size_t shards = 1) : system(prepare(shards)) {
    // nop
  }

private:
  caf::actor_system_config& prepare(size_t shards) {
    load_runtime(config, shards, [this](std::string_view line) { printed.add(line); });
    return config;
  }
};

} // namespace hub::test
