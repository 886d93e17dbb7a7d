#include "tests/actors/supervisor/supervisor_stage.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("supervisor");

TEST_CASE_FIXTURE(supervisor_stage, "a changed server finishes what it has, and the next call has the new one at once") {
  begin_with_one();
  need("one");
  ready(last_run());
  auto& old = last_run();
  settings.servers[0].config.fingerprint = "new";
  reconfigure();
  CHECK(old.stops == 1);
  CHECK(old.drain);
  CHECK(state_of("one") == server_state::known);
  CHECK(status().runs_retiring == 1);
  auto lease = need("one");
  REQUIRE(runs.size() == 2);
  ready(last_run());
  CHECK(lease.value().backend == last_run().backend);
  ended(old, "was stopped");
  CHECK(status().runs_retiring == 0);
  CHECK(state_of("one") == server_state::ready);
  CHECK(status_of("one").crashes == 0);
}

TEST_CASE_FIXTURE(supervisor_stage, "what does not change what runs leaves the run alone") {
  begin_with_one();
  need("one");
  ready(last_run());
  settings.servers[0].config.policy.request_limit = 7s;
  settings.servers[0].config.origin = "config.json:9";
  settings.servers[0].offer = {};
  add("two");
  reconfigure();
  CHECK(last_run().stops == 0);
  CHECK(state_of("one") == server_state::ready);
  CHECK(status_of("one").tools == 3);
  CHECK(state_of("two") == server_state::known);
  CHECK(status().servers[1].name == "two");
}

TEST_CASE_FIXTURE(supervisor_stage, "a retired run that does not end is told to, and then killed") {
  begin_with_one();
  need("one");
  ready(last_run());
  settings.servers.clear();
  reconfigure();
  CHECK(status().servers.empty());
  pass(29s);
  CHECK(last_run().stops == 1);
  pass(1s);
  CHECK(last_run().stops == 2);
  CHECK_FALSE(last_run().drain);
  CHECK_FALSE(last_run().gone);
  pass(10s);
  CHECK(last_run().gone);
  CHECK(status().runs_retiring == 0);
}

TEST_CASE_FIXTURE(supervisor_stage, "who waits for a server that is taken out is told so, and its name can come back") {
  begin_with_one();
  auto lease = need("one");
  CHECK_FALSE(lease.answered());
  auto before = settings.servers;
  settings.servers.clear();
  reconfigure();
  CHECK(lease.value().why->what == failure::kind::unknown_server);
  CHECK(need("one").value().why->what == failure::kind::unknown_server);
  CHECK(status().starts_running == 0);
  settings.servers = before;
  reconfigure();
  need("one");
  CHECK(runs.size() == 2);
}

TEST_CASE_FIXTURE(supervisor_stage, "who waits for a server that changes gets the new one") {
  begin_with_one();
  auto lease = need("one");
  auto& old = last_run();
  settings.servers[0].config.fingerprint = "new";
  reconfigure();
  CHECK(old.stops == 1);
  REQUIRE(runs.size() == 2);
  // The old one is late.
  ready(old);
  CHECK_FALSE(lease.answered());
  ready(last_run());
  CHECK(lease.value().backend == last_run().backend);
}

TEST_CASE_FIXTURE(supervisor_stage, "a failure is forgotten with the configuration that had it") {
  begin_with_one();
  need("one");
  ended(last_run(), "could not be started: npx: not found", true);
  CHECK(state_of("one") == server_state::failed);
  settings.servers[0].config.fingerprint = "new";
  reconfigure();
  CHECK(state_of("one") == server_state::known);
  CHECK(status_of("one").last_error.empty());
  need("one");
  CHECK(runs.size() == 2);
}

TEST_CASE_FIXTURE(supervisor_stage, "a server can be switched off and on") {
  begin_with_one();
  need("one");
  ready(last_run());
  settings.servers[0].config.enabled = false;
  reconfigure();
  CHECK(last_run().drain);
  CHECK(state_of("one") == server_state::disabled);
  CHECK(need("one").value().why->what == failure::kind::disabled_server);
  settings.servers[0].config.enabled = true;
  settings.servers[0].config.policy.always_on = true;
  reconfigure();
  CHECK(runs.size() == 2);
}

TEST_CASE_FIXTURE(supervisor_stage, "new servers are learnt, and what a retired run learns is not believed") {
  begin_with_one();
  need("one");
  ready(last_run());
  settings.servers[0].config.fingerprint = "new";
  settings.servers[0].offer = {};
  reconfigure();
  REQUIRE(runs.size() == 2);
  learned(*runs[0], 99, "old");
  CHECK(status_of("one").tools == -1);
  ready(*runs[1]);
  learned(*runs[1], 5, "new");
  CHECK(status_of("one").tools == 5);
  CHECK(runs[1]->stops == 1);
}

TEST_CASE_FIXTURE(supervisor_stage, "the end of the hub waits for retired runs, too") {
  begin_with_one();
  need("one");
  ready(last_run());
  settings.servers.clear();
  reconfigure();
  auto done = begin_ask<shut_down_done>(supervisor, shut_down{});
  settle();
  CHECK(last_run().stops == 2);
  CHECK_FALSE(done.answered());
  ended(last_run(), "was stopped");
  CHECK(done.answered());
}

TEST_CASE_FIXTURE(supervisor_stage, "lists are read again by servers that run, and no other is started for it") {
  add("two");
  begin_with_one();
  auto refresh = [this] {
    self->send(supervisor, refresh_lists{{"one", "two", "three"}});
    settle();
  };
  refresh();
  CHECK(runs.empty());
  need("one");
  refresh();
  CHECK(last_run().lists_asked == 0);
  ready(last_run());
  refresh();
  CHECK(last_run().lists_asked == 1);
  CHECK(runs.size() == 1);
}

TEST_SUITE_END();
