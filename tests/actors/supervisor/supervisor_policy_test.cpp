#include "actors/supervisor/memory_meter.hpp"

#include "tests/actors/supervisor/supervisor_stage.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("supervisor");

TEST_CASE_FIXTURE(supervisor_stage, "a server may have an idle time of its own") {
  add("short").config.policy.idle_limit = 10s;
  add("never").config.policy.idle_limit = 0s;
  begin();
  need("short");
  need("never");
  ready(*runs[0]);
  ready(*runs[1]);
  CHECK(status_of("short").next == "without a call it is stopped in 10.0 s");
  pass(11s);
  CHECK(runs[0]->stops == 1);
  CHECK(status_of("short").why == "nobody has used it for 10 s");
  pass(24h);
  CHECK(runs[1]->stops == 0);
}

TEST_CASE_FIXTURE(supervisor_stage, "a server may have a start time of its own, shorter or longer") {
  add("fast").config.policy.start_limit = 10s;
  add("slow").config.policy.start_limit = 600s;
  begin();
  auto fast = need("fast");
  need("slow");
  CHECK(status_of("fast").next == "it is given up in 10.0 s if it is not ready");
  pass(11s);
  CHECK(runs[0]->stops == 1);
  CHECK(status_of("fast").why == "it was not ready within 10 s");
  ended(*runs[0], "was killed by signal 15");
  CHECK(fast.value().why->cause.find("was not ready within 10 s") != std::string::npos);
  pass(500s);
  CHECK(runs[1]->stops == 0);
}

TEST_CASE_FIXTURE(supervisor_stage, "a server that is not lazy starts with the hub and is stopped when nobody uses it") {
  add("eager").config.policy.eager = true;
  begin();
  REQUIRE(runs.size() == 1);
  CHECK(status_of("eager").why == "it starts with the hub");
  ready(last_run());
  pass(2h);
  CHECK(last_run().stops == 1);
  ended(last_run(), "exited with 0");
  CHECK(state_of("eager") == server_state::known);
  pass(2h);
  CHECK(runs.size() == 1);
}

TEST_CASE_FIXTURE(supervisor_stage, "a status is weighed only while a server runs") {
  auto weighed = 0;
  settings.memory = system.spawn([&weighed](memory_meter_actor::pointer) -> memory_meter_actor::behavior_type {
    return {[](const measure_memory& x) { return memory_measured{x.run, 0}; },
            [&weighed](hub_status& x) {
              ++weighed;
              return std::move(x);
            }};
  });
  add("plain");
  begin();
  CHECK(status_of("plain").pid == 0);
  CHECK(weighed == 0);
  need("plain");
  ready(last_run(), 4711);
  CHECK(status_of("plain").pid == 4711);
  CHECK(weighed == 1);
}

TEST_CASE_FIXTURE(supervisor_stage, "a server that has more memory than it may is ended, and says so") {
  int64_t used = 90 << 20;
  settings.memory = system.spawn(memory_meter, [&used](int64_t) { return used; });
  add("big").config.policy.memory_limit = 100 << 20;
  begin();
  need("big");
  ready(last_run(), 4711);
  pass(60s);
  CHECK(last_run().stops == 0);
  CHECK(status_of("big").resident_bytes == 90 << 20);
  used = 101 << 20;
  pass(5s);
  CHECK(last_run().stops == 1);
  ended(last_run(), "exited with 0");
  auto x = status_of("big");
  CHECK(x.last_error == "had 101 MiB of memory, more than the 100 MiB that it may have");
  CHECK(x.fix.find("memory_mb") != std::string::npos);
  CHECK(x.crashes == 1);
}

TEST_CASE_FIXTURE(supervisor_stage, "a crash loop is shown as failed, and a restart ends it") {
  add("loop").config.policy.crash_limit = 2;
  begin();
  for (int i = 0; i < 2; ++i) {
    need("loop");
    ready(last_run());
    ended(last_run(), "exited with 3");
  }
  auto x = status_of("loop");
  CHECK(x.state == server_state::failed);
  CHECK(x.last_error.starts_with("is in a crash loop: it ended 2 times in a row"));
  CHECK(x.next == "a call after 5 min starts it again; slm-hub restart loop at once");
  CHECK(need("loop").value().why->cause.find("crash loop") != std::string::npos);
  auto answer = begin_ask<server_restarted>(supervisor, restart_server{"loop"});
  settle();
  ready(last_run());
  CHECK(answer.value().ok);
}

TEST_CASE_FIXTURE(supervisor_stage, "status says why each server is in its state, and what comes next") {
  add("on").config.policy.always_on = true;
  add("rest");
  add("off").config.enabled = false;
  begin();
  CHECK(status_of("on").why == "it is always on");
  CHECK(status_of("rest").next == "the next call starts it");
  CHECK(status_of("off").next == "slm-hub enable off switches it on");
  ready(*runs[0]);
  CHECK(status_of("on").next == "it stays");
  need("rest");
  CHECK(status_of("rest").why == "a call needs it");
  ready(last_run());
  CHECK(status_of("rest").next == "without a call it is stopped in 30 min");
  ended(last_run(), "exited with 2");
  CHECK(status_of("rest").why == "it exited with 2");
  need("rest");
  ended(last_run(), "exited with 1");
  CHECK(status_of("rest").why == "");
  CHECK(status_of("rest").next.ends_with("starts it again; slm-hub restart rest at once"));
}
