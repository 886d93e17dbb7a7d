#pragma once

#include "actors/transport/stdio_transport.hpp"

#include "tests/support/child_io.hpp"
#include "tests/support/live_system.hpp"
#include "tests/support/scratch_folder.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hub::test {

/// What the owner of a transport heard; filled on a shard, read by the test.
class owner_diary {
public:
  struct page {
    int64_t pid = 0;
    bool opened = false;
    std::vector<std::string> messages;

    /// `server_message::cause` of each message.
    std::vector<int64_t> causes;

    std::vector<request_failed> failed;
    std::vector<transport_closed> closed;
  };

  template <class F>
  void write(F f) {
    std::lock_guard guard{mutex_};
    f(page_);
    changed_.notify_all();
  }

  /// Waits until `f` holds for what was heard so far, and returns it.
  template <class F>
  page wait(F f) {
    std::unique_lock guard{mutex_};
    REQUIRE_MESSAGE(changed_.wait_for(guard, patience, [&] { return f(page_); }), "waited in vain");
    return page_;
  }

  transport_closed wait_closed() {
    return wait([](auto& x) { return !x.closed.empty(); }).closed.front();
  }

  int64_t wait_opened() {
    return wait([](auto& x) { return x.pid != 0; }).pid;
  }

  std::vector<std::string> wait_messages(size_t count) {
    return wait([&](auto& x) { return x.messages.size() >= count; }).messages;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  page page_;
};

inline transport_owner::behavior_type owner_behavior(transport_owner::pointer, owner_diary* diary) {
  return {
    [](const transport_changed&) {},
    [diary](const transport_opened& x) {
      diary->write([&](auto& page) {
        page.pid = x.pid;
        page.opened = true;
      });
    },
    [diary](const messages_received& x) {
      diary->write([&](auto& page) {
        for (auto& message : x.messages) {
          page.messages.emplace_back(message.text.view());
          page.causes.push_back(message.cause);
        }
      });
    },
    [diary](const request_failed& x) { diary->write([&](auto& page) { page.failed.push_back(x); }); },
    [diary](const transport_closed& x) { diary->write([&](auto& page) { page.closed.push_back(x); }); },
  };
}

/// Real children on a real shard, and an owner that writes down what it hears.
/// The test acts on the shard as well: CAF's own hand-over between threads, which
/// ThreadSanitizer cannot see, is not used.
struct transport_stage {
  scratch_folder folder;
  owner_diary diary;
  live_system world;
  shard& home = shard_of(world.system);
  stdio_limits limits;
  transport_owner owner = on(home, [this] { return world.system.spawn(owner_behavior, &diary); });
  transport_actor transport;

  ~transport_stage() {
    on(home, [this] {
      caf::anon_send_exit(transport, caf::exit_reason::user_shutdown);
      caf::anon_send_exit(owner, caf::exit_reason::user_shutdown);
      transport = transport_actor{};
      owner = transport_owner{};
    });
  }

  void run(launch_spec program) {
    stdio_settings settings{"one", std::move(program), folder.at("logs/one.log"), folder.at("children"), limits};
    on(home, [this, &settings] {
      transport = spawn_stdio_transport(world.system, home, owner, std::move(settings));
    });
  }

  void run(std::string script) {
    run(shell(std::move(script)));
  }

  void say(text_parts message) {
    on(home, [&] { caf::anon_send(transport, send_message{std::move(message)}); });
  }

  void say(std::string message) {
    say(text_parts{json_text{std::move(message)}});
  }

  void close(uint32_t grace_ms) {
    on(home, [&] { caf::anon_send(transport, close_transport{grace_ms}); });
  }

  void kill_transport() {
    on(home, [this] { caf::anon_send_exit(transport, caf::exit_reason::kill); });
  }

  void kill_owner() {
    on(home, [this] { caf::anon_send_exit(owner, caf::exit_reason::kill); });
  }
};

} // namespace hub::test
