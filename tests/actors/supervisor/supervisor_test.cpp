#include "tests/actors/supervisor/supervisor_stage.hpp"
#include "tests/support/plugin_diary.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("supervisor");

TEST_CASE_FIXTURE(supervisor_stage, "nothing runs until somebody needs it") {
  begin_with_one();
  CHECK(runs.empty());
  CHECK(state_of("one") == server_state::known);
  CHECK(status_of("one").tools == 3);
  pass(24h);
  CHECK(runs.empty());
}

TEST_CASE_FIXTURE(supervisor_stage, "many who need a server start it once, and each gets it") {
  begin_with_one();
  std::vector<asked<backend_lease>> leases;
  for (int i = 0; i < 100; ++i)
    leases.push_back(need("one"));
  REQUIRE(runs.size() == 1);
  CHECK(state_of("one") == server_state::starting);
  CHECK_FALSE(leases[0].answered());
  ready(last_run());
  for (auto& lease : leases)
    CHECK(lease.value().backend == last_run().backend);
  CHECK(state_of("one") == server_state::ready);
  CHECK(need("one").value().backend == last_run().backend);
  CHECK(runs.size() == 1);
}

TEST_CASE_FIXTURE(supervisor_stage, "four servers start at a time, the others wait for their turn") {
  for (int i = 0; i < 10; ++i)
    add("s" + std::to_string(i));
  begin();
  for (int i = 0; i < 10; ++i)
    need("s" + std::to_string(i));
  CHECK(runs.size() == 4);
  CHECK(state_of("s4") == server_state::queued);
  CHECK(status().starts_running == 4);
  CHECK(status().starts_queued == 6);
  ready(*runs[1]);
  REQUIRE(runs.size() == 5);
  CHECK(runs[4]->server == "s4");
  ended(*runs[0], "exited with 1");
  REQUIRE(runs.size() == 6);
  CHECK(runs[5]->server == "s5");
}

TEST_CASE_FIXTURE(supervisor_stage, "unknown and disabled servers are refused with a fix") {
  add("off").config.enabled = false;
  settings.servers.back().config.origin = "config.json:7";
  begin();
  auto unknown = need("nobody").value();
  CHECK(unknown.why->what == failure::kind::unknown_server);
  auto off = need("off").value();
  CHECK(off.why->what == failure::kind::disabled_server);
  CHECK(off.why->fix.find("config.json:7") != std::string::npos);
  CHECK(state_of("off") == server_state::disabled);
  CHECK(runs.empty());
}

TEST_CASE_FIXTURE(supervisor_stage, "who waits for a failed start is told the cause, the last words, the log and the next try") {
  begin_with_one();
  auto lease = need("one");
  ended(last_run(), "exited with 1");
  auto& why = *lease.value().why;
  CHECK(why.what == failure::kind::backing_off);
  CHECK(why.cause.starts_with("server one exited with 1; its last words: last words; a call after 0."));
  CHECK(why.fix == "Mend it. See its log logs/one.log.");
  auto x = status_of("one");
  CHECK(x.state == server_state::backing_off);
  CHECK(x.last_error == "exited with 1");
  CHECK(x.fix == "Mend it.");
  CHECK(x.last_stderr == std::vector<std::string>{"last words"});
  CHECK(x.crashes == 1);
  CHECK(x.next_try_ms > 0);
}

TEST_CASE_FIXTURE(supervisor_stage, "calls within the pause are refused, the first one after it starts the server") {
  begin_with_one();
  need("one");
  ended(last_run(), "exited with 1");
  CHECK(need("one").value().why->what == failure::kind::backing_off);
  CHECK(runs.size() == 1);
  pass(600ms);
  CHECK(runs.size() == 1);
  CHECK(status_of("one").next_try_ms == 0);
  auto lease = need("one");
  REQUIRE(runs.size() == 2);
  CHECK(last_run().number == 2);
  ready(last_run());
  CHECK(lease.value().backend == last_run().backend);
  CHECK(status_of("one").fix == "");
}

TEST_CASE_FIXTURE(supervisor_stage, "pauses grow while a server crashes and are forgotten when it holds") {
  begin_with_one();
  need("one");
  ready(last_run());
  ended(last_run(), "was killed by signal 9");
  CHECK(state_of("one") == server_state::known);
  int64_t before = 0;
  for (int i = 0; i < 6; ++i) {
    need("one");
    ready(last_run());
    ended(last_run(), "was killed by signal 9");
    auto pause = status_of("one").next_try_ms;
    CHECK(pause > before);
    before = pause;
    pass(std::chrono::milliseconds{pause});
  }
  need("one");
  ready(last_run());
  pass(60s);
  ended(last_run(), "was killed by signal 9");
  CHECK(state_of("one") == server_state::known);
  CHECK(status_of("one").crashes == 8);
}

TEST_CASE_FIXTURE(supervisor_stage, "a server that cannot start has failed, and says what to do") {
  begin_with_one();
  auto lease = need("one");
  ended(last_run(), "could not be started: npx: not found", true);
  CHECK(lease.value().why->what == failure::kind::start_failed);
  CHECK(state_of("one") == server_state::failed);
  CHECK(status_of("one").fix == "Mend it.");
}

TEST_CASE_FIXTURE(supervisor_stage, "a server that does not come up is stopped and its askers are told") {
  begin_with_one();
  auto lease = need("one");
  pass(59s);
  CHECK(last_run().stops == 0);
  pass(1s);
  CHECK(last_run().stops == 1);
  CHECK(state_of("one") == server_state::stopping);
  ended(last_run(), "was killed by signal 15");
  CHECK(lease.value().why->cause.starts_with("server one was not ready within 60 s; its last words: last words"));
}

TEST_CASE_FIXTURE(supervisor_stage, "a server may take as long to start as its requests") {
  add("slow").config.policy.request_limit = 120s;
  begin();
  need("slow");
  pass(119s);
  CHECK(last_run().stops == 0);
  pass(1s);
  CHECK(last_run().stops == 1);
}

TEST_CASE_FIXTURE(supervisor_stage, "a backend that dies without a word has crashed") {
  begin_with_one();
  auto lease = need("one");
  caf::anon_send_exit(last_run().backend, caf::exit_reason::kill);
  settle();
  CHECK(lease.value().why->cause.starts_with("server one ended without a word"));
  CHECK(state_of("one") == server_state::backing_off);
}

TEST_CASE_FIXTURE(supervisor_stage, "news of an earlier run is not taken for news of the present one") {
  begin_with_one();
  need("one");
  ready(last_run());
  auto first = runs.front();
  ended(*first, "exited with 1");
  need("one");
  REQUIRE(runs.size() == 2);
  ready(*first);
  CHECK(state_of("one") == server_state::starting);
  self->send(supervisor, backend_stopped{"one", 1, "exited again", "", {}, false, false});
  settle();
  CHECK(state_of("one") == server_state::starting);
}

TEST_CASE_FIXTURE(supervisor_stage, "no more than the bound wait") {
  settings.waiters_max = 2;
  begin_with_one();
  auto first = need("one");
  need("one");
  CHECK(need("one").value().why->what == failure::kind::overloaded);
  ready(last_run());
  CHECK(first.value().backend);
  CHECK(need("one").value().backend);
}

TEST_CASE_FIXTURE(supervisor_stage, "status counts calls and errors and knows the last one") {
  begin_with_one();
  called("one", 2000);
  called("one", 4000, "no such file");
  called("nobody", 1);
  auto x = status_of("one");
  CHECK(x.calls == 2);
  CHECK(x.errors == 1);
  CHECK(x.p95_ms == doctest::Approx(4));
  CHECK(x.last_error == "no such file");
  CHECK(x.log == "logs/one.log");
  CHECK(x.transport == "stdio");
}

TEST_CASE_FIXTURE(supervisor_stage, "status tells how long a state lasts") {
  begin_with_one();
  pass(10s);
  CHECK(status_of("one").in_state_seconds == 10);
  CHECK(status().uptime_seconds == 10);
  need("one");
  CHECK(status_of("one").in_state_seconds == 0);
}

TEST_CASE_FIXTURE(supervisor_stage, "the era that a run found is known to the next") {
  begin_with_one();
  need("one");
  CHECK_FALSE(last_run().era);
  self->send(supervisor, backend_ready{"one", 1, 0, true});
  settle();
  ended(last_run(), "exited with 1");
  need("one");
  CHECK(last_run().era == era::stateless);
  ended(last_run(), "exited with 1");
  pass(60s);
  need("one");
  CHECK_FALSE(last_run().era);
}

TEST_CASE_FIXTURE(supervisor_stage, "plugins hear which servers take calls, and why one does not any more") {
  plugin_diary diary{*this};
  settings.plugins = diary.port;
  begin_with_one();
  need("one");
  CHECK(diary.told->empty());
  ready(last_run(), 42);
  CHECK(diary.last<plugin_event::server_connected>().server == "one");
  CHECK(diary.last<plugin_event::server_connected>().pid == 42);
  ended(last_run(), "exited with 1");
  CHECK(diary.last<plugin_event::server_disconnected>().cause == "exited with 1");
  CHECK_FALSE(diary.last<plugin_event::server_disconnected>().asked_for);
  // A start that fails is no end of a connection.
  need("one");
  ended(last_run(), "exited with 2");
  CHECK(diary.told->size() == 2);
  caf::anon_send_exit(supervisor, caf::exit_reason::kill);
  settle();
}
