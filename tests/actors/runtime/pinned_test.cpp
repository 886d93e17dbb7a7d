#include "actors/runtime/pinned.hpp"

#include "messages/protocol.hpp"

#include "tests/support/live_system.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <array>
#include <atomic>
#include <string>

namespace {

/// Asks a listener where it runs.
struct where {};

/// Tells a listener to end.
struct leave {};

using listener_actor = hub::protocol<
  caf::replies_to<where>::with<bool>,
  caf::reacts_to<leave>>::handle;

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(where)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leave)

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("pinned");

namespace {

using stream = boost::asio::local::stream_protocol::socket;

/// Reads bytes from a socket: 'q' makes it quit, 'x' makes it throw, others are
/// passed on.
class listener : public pinned<listener_actor::base> {
public:
  listener(caf::actor_config& cfg, shard& home, stream socket, std::promise<std::string>* heard)
    : pinned(cfg, home), socket_(std::move(socket)), heard_(heard) {
    // nop
  }

  behavior_type make_behavior() override {
    read();
    return {
      [this](where) { return home().on_own_thread(); },
      [this](leave) { quit(); },
    };
  }

  void on_exit() override {
    socket_.close();
    heard_->set_value(text_);
  }

private:
  void read() {
    socket_.async_read_some(boost::asio::buffer(byte_),
                            [this, hold = hold()](auto failure, size_t) {
                              act([&] { on_read(failure); });
                            });
  }

  void on_read(const boost::system::error_code& failure) {
    if (failure || byte_[0] == 'q')
      return quit();
    if (byte_[0] == 'x')
      throw std::runtime_error("unexpected byte x");
    text_ += byte_[0];
    read();
  }

  stream socket_;
  std::array<char, 1> byte_{};
  std::string text_;
  std::promise<std::string>* heard_;
};

/// A listener and the other end of its socket.
struct listening {
  std::promise<std::string> heard;
  live_system live;
  caf::actor_system& system = live.system;
  shard& home = shard_of(system);
  stream far{home.context()};
  listener_actor who;

  listening() {
    stream near{home.context()};
    boost::asio::local::connect_pair(near, far);
    who = spawn_pinned<listener>(system, home, std::move(near), &heard);
  }

  void say(const std::string& text) {
    boost::asio::write(far, boost::asio::buffer(text));
  }
};

} // namespace

TEST_CASE("a pinned actor runs on its shard, whoever writes to it") {
  std::array<std::promise<std::string>, 2> ends;
  std::array<std::promise<int>, 2> answers;
  live_system live{2};
  for (size_t index : {0, 1}) {
    auto& home = shard_of(live.system, index);
    auto& other = shard_of(live.system, index + 1);
    REQUIRE(&home != &other);
    stream near{home.context()};
    stream far{home.context()};
    boost::asio::local::connect_pair(near, far);
    auto who = spawn_pinned<listener>(live.system, home, std::move(near), &ends[index]);
    caf::scoped_actor self{live.system, true};
    for (int i = 0; i < 100; ++i)
      self->request(who, patience, where{})
        .receive([](bool at_home) { CHECK(at_home); },
                 [](caf::error& x) { FAIL(to_string(x)); });
    on(other, [&] {
      live.system.spawn([&](caf::event_based_actor* asker) {
        auto count = std::make_shared<int>(0);
        for (int i = 0; i < 100; ++i)
          asker->request(who, caf::infinite, where{}).then([&, index, count](bool at_home) {
            CHECK(at_home);
            if (++*count == 100)
              answers[index].set_value(*count);
          });
      });
    });
    CHECK(await(answers[index].get_future()) == 100);
    caf::anon_send(who, leave{});
    await(ends[index].get_future());
  }
}

TEST_CASE("a pinned actor is spawned on its shard by the plain spawn too") {
  std::promise<std::string> heard;
  live_system live{2};
  auto& home = shard_of(live.system, 1);
  stream near{home.context()};
  stream far{home.context()};
  boost::asio::local::connect_pair(near, far);
  auto who = live.system.spawn<listener>(std::ref(home), std::move(near), &heard);
  caf::scoped_actor self{live.system, true};
  self->request(who, patience, where{})
    .receive([](bool at_home) { CHECK(at_home); }, [](caf::error& x) { FAIL(to_string(x)); });
  caf::anon_send(who, leave{});
}

TEST_CASE("a pinned actor hears its socket and may quit in a handler") {
  listening scene;
  caf::scoped_actor self{scene.system, true};
  self->monitor(scene.who);
  scene.say("abcq");
  CHECK(await(scene.heard.get_future()) == "abc");
  self->receive([](const caf::down_msg& x) { CHECK(x.reason == caf::none); });
  char byte = 0;
  boost::system::error_code failure;
  boost::asio::read(scene.far, boost::asio::buffer(&byte, 1), failure);
  CHECK(failure == boost::asio::error::eof);
}

TEST_CASE("an exception in a handler ends its actor only") {
  listening scene;
  caf::scoped_actor self{scene.system, true};
  self->monitor(scene.who);
  scene.say("ax");
  CHECK(await(scene.heard.get_future()) == "a");
  self->receive([](const caf::down_msg& x) { CHECK(x.reason != caf::none); });
  CHECK(on(scene.home, [] { return true; }));
}

TEST_CASE("a handler that comes after the end does nothing") {
  listening scene;
  caf::scoped_actor self{scene.system, true};
  self->monitor(scene.who);
  self->send(scene.who, leave{});
  self->receive([](const caf::down_msg&) {});
  // The read that `on_exit` called off completes on the shard.
  on(scene.home, [] {});
  CHECK(await(scene.heard.get_future()) == "");
}

TEST_CASE("a pinned actor that stays ends with the system") {
  std::promise<std::string> heard;
  auto ended = heard.get_future();
  {
    live_system live;
    live.system.await_actors_before_shutdown(false);
    auto& home = shard_of(live.system);
    stream near{home.context()};
    stream far{home.context()};
    boost::asio::local::connect_pair(near, far);
    auto who = spawn_pinned<listener>(live.system, home, std::move(near), &heard);
    caf::scoped_actor self{live.system, true};
    self->request(who, patience, where{})
      .receive([](bool) {}, [](caf::error& x) { FAIL(to_string(x)); });
  }
  CHECK(await(std::move(ended)) == "");
}
