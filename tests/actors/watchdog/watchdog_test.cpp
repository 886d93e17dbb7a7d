#include "actors/watchdog/watchdog.hpp"

#include "tests/support/live_system.hpp"

#include <caf/send.hpp>

#include <condition_variable>
#include <mutex>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("watchdog");

namespace {

/// Counts what the watchdog says.
class signs {
public:
  void add() {
    std::lock_guard guard{mutex_};
    ++count_;
    more_.notify_all();
  }

  /// Whether so many more come in time.
  bool come(size_t more, std::chrono::milliseconds limit) {
    std::unique_lock guard{mutex_};
    auto wanted = count_ + more;
    return more_.wait_for(guard, limit, [&] { return count_ >= wanted; });
  }

private:
  std::mutex mutex_;
  std::condition_variable more_;
  size_t count_ = 0;
};

} // namespace

TEST_CASE("the watchdog is silent as long as one shard stands still") {
  signs heard;
  live_system world{2};
  auto dog = spawn_pinned<watchdog>(world.system, shard_of(world.system, 0), 2, 10ms, [&heard] { heard.add(); });
  REQUIRE(heard.come(3, patience));
  std::promise<void> go_on;
  std::promise<void> stands;
  boost::asio::post(shard_of(world.system, 1).context(), [&] {
    stands.set_value();
    go_on.get_future().wait();
  });
  stands.get_future().wait();
  // A round that had its answer already may end; the next cannot.
  CHECK_FALSE(heard.come(2, 300ms));
  go_on.set_value();
  CHECK(heard.come(3, patience));
  caf::anon_send_exit(dog, caf::exit_reason::user_shutdown);
}
