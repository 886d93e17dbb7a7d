#include "actors/supervisor/lifecycle.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("lifecycle");

namespace {

/// A server and a clock that moves when told to.
struct life {
  lifecycle::time_point now{};
  std::minstd_rand random{42};
  lifecycle server{true, now};

  void pass(lifecycle::milliseconds time) {
    now += time;
  }

  lifecycle::verdict need() {
    return server.need(now);
  }

  /// Starts it, which must be possible, and has it shake hands.
  void run() {
    REQUIRE(need() == lifecycle::verdict::enqueue);
    server.start(now);
    server.ready(now);
  }

  void crash(std::string cause = "exited with 1") {
    server.end({std::move(cause), "", {}, false}, now, random);
  }

  void fail_to_start() {
    REQUIRE(need() == lifecycle::verdict::enqueue);
    server.start(now);
    crash();
  }

  lifecycle::milliseconds pause() {
    return server.pause_left(now);
  }
};

using verdict = lifecycle::verdict;

} // namespace

TEST_CASE_FIXTURE(life, "a server goes from known over queued and starting to ready") {
  CHECK(server.state() == server_state::known);
  CHECK(need() == verdict::enqueue);
  CHECK(server.state() == server_state::queued);
  CHECK(need() == verdict::wait);
  pass(1s);
  server.start(now);
  CHECK(server.state() == server_state::starting);
  CHECK(server.since() == now);
  CHECK(need() == verdict::wait);
  server.ready(now);
  CHECK(need() == verdict::use);
  CHECK(server.starts() == 1);
}

TEST_CASE_FIXTURE(life, "a server that was told to stop is known again, and its end is no crash") {
  run();
  server.stop(now);
  CHECK(need() == verdict::wait);
  crash();
  CHECK(server.state() == server_state::known);
  CHECK(server.crashes() == 0);
  CHECK(need() == verdict::enqueue);
}

TEST_CASE_FIXTURE(life, "the first crash of a server that was ready costs no pause") {
  run();
  crash("exited with 7");
  CHECK(server.crashes() == 1);
  CHECK(server.last_failure().cause == "exited with 7");
  CHECK(need() == verdict::enqueue);
}

TEST_CASE_FIXTURE(life, "pauses double from the second crash in a row up to a minute, give or take a fifth") {
  server = lifecycle{true, now, 0};
  run();
  crash();
  auto expected = 500ms;
  for (int i = 0; i < 12; ++i) {
    run();
    crash();
    CHECK(server.state() == server_state::backing_off);
    CHECK(pause() >= expected * 8 / 10);
    CHECK(pause() <= std::min<lifecycle::milliseconds>(expected * 12 / 10, 60s));
    CHECK(need() == verdict::refuse);
    pass(pause());
    expected = std::min<lifecycle::milliseconds>(expected * 2, 60s);
  }
}

TEST_CASE_FIXTURE(life, "so many ends in a row are a crash loop, which is failed, says so and pauses for long") {
  server = lifecycle{true, now, 3};
  run();
  crash();
  run();
  crash();
  CHECK(server.state() == server_state::backing_off);
  pass(pause());
  run();
  crash("was killed by signal 9");
  CHECK(server.state() == server_state::failed);
  CHECK(server.in_crash_loop());
  CHECK(server.last_failure().cause
        == "is in a crash loop: it ended 3 times in a row, last because it was killed by signal 9");
  CHECK(pause() == lifecycle::crash_loop_pause);
  CHECK(need() == verdict::refuse);
  pass(pause());
  // One more try, and the loop goes on.
  run();
  crash();
  CHECK(server.in_crash_loop());
  server.forgive(now);
  run();
  CHECK_FALSE(server.in_crash_loop());
  crash();
  CHECK(server.state() == server_state::known);
}

TEST_CASE_FIXTURE(life, "a failed start pauses at once") {
  fail_to_start();
  CHECK(server.state() == server_state::backing_off);
  CHECK(pause() >= 400ms);
  CHECK(pause() <= 600ms);
  CHECK(need() == verdict::refuse);
  pass(pause());
  CHECK(pause() == 0ms);
  CHECK(need() == verdict::enqueue);
}

TEST_CASE_FIXTURE(life, "a minute of readiness wipes the slate clean, and less does not") {
  for (int i = 0; i < 5; ++i) {
    fail_to_start();
    pass(60s);
  }
  run();
  pass(59s);
  crash();
  CHECK(server.state() == server_state::backing_off);
  CHECK(pause() > 10s);
  pass(pause());
  run();
  pass(60s);
  crash();
  CHECK(server.state() == server_state::known);
}

TEST_CASE_FIXTURE(life, "a server without a hope has failed, and is tried again after its pause") {
  REQUIRE(need() == verdict::enqueue);
  server.start(now);
  server.end({"could not be started: npx: not found", "Install npx.", {}, true}, now, random);
  CHECK(server.state() == server_state::failed);
  CHECK(need() == verdict::refuse);
  CHECK(server.last_failure().fix == "Install npx.");
  pass(600ms);
  CHECK(need() == verdict::enqueue);
}

TEST_CASE_FIXTURE(life, "forgiving ends a pause and forgets earlier ones") {
  for (int i = 0; i < 5; ++i) {
    fail_to_start();
    if (i < 4)
      pass(60s);
  }
  CHECK(pause() > 5s);
  server.forgive(now);
  CHECK(server.state() == server_state::known);
  fail_to_start();
  CHECK(pause() <= 600ms);
}

TEST_CASE_FIXTURE(life, "a start that is given up counts as a failure with the reason for it") {
  REQUIRE(need() == verdict::enqueue);
  server.start(now);
  server.give_up({"was not ready within 60 s", "Wait.", {}, false}, now);
  CHECK(server.state() == server_state::stopping);
  server.end({"was killed by signal 15", "", {"last words"}, false}, now, random);
  CHECK(server.state() == server_state::backing_off);
  CHECK(server.last_failure().cause == "was not ready within 60 s");
  CHECK(server.last_failure().last_stderr == std::vector<std::string>{"last words"});
  CHECK(server.crashes() == 1);
}

TEST_CASE_FIXTURE(life, "a server that is too busy to stop is ready as before") {
  run();
  pass(30s);
  server.stop(now);
  server.ready(now);
  CHECK(need() == verdict::use);
  pass(31s);
  crash();
  CHECK(server.state() == server_state::known);
}

TEST_CASE_FIXTURE(life, "a queued server may be withdrawn") {
  need();
  server.withdraw(now);
  CHECK(server.state() == server_state::known);
  run();
  server.withdraw(now);
  CHECK(server.state() == server_state::ready);
}

TEST_CASE("a disabled server is refused") {
  lifecycle server{false, {}};
  CHECK(server.need({}) == verdict::refuse);
  CHECK(server.state() == server_state::disabled);
}

TEST_CASE("the pauses of two servers differ with the generator") {
  life one;
  life other;
  other.random.seed(7);
  one.fail_to_start();
  other.fail_to_start();
  CHECK(one.pause() != other.pause());
}
