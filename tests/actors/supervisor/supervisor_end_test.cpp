#include "tests/actors/supervisor/supervisor_stage.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("supervisor: stops and background");

namespace {

bool idle_stop_asked(const fake_run& run) {
  return run.stops == 1 && run.only_if_idle;
}

} // namespace

// -- learning ---------------------------------------------------------------------

TEST_CASE_FIXTURE(supervisor_stage, "a server that nobody knows is started once, learnt and stopped") {
  add("new").offer.tools = -1;
  begin();
  REQUIRE(runs.size() == 1);
  CHECK(status_of("new").tools == -1);
  ready(last_run());
  CHECK(last_run().stops == 0);
  learned(last_run(), 5);
  CHECK(idle_stop_asked(last_run()));
  CHECK(status_of("new").tools == 5);
  ended(last_run(), "exited with 0");
  CHECK(state_of("new") == server_state::known);
  CHECK(status_of("new").crashes == 0);
  CHECK(status_of("new").errors == 0);
  pass(24h);
  CHECK(runs.size() == 1);
}

TEST_CASE_FIXTURE(supervisor_stage, "a server that is needed while it is learnt goes on") {
  add("new").offer.tools = -1;
  begin();
  auto lease = need("new");
  ready(last_run());
  CHECK(lease.value().backend == last_run().backend);
  learned(last_run(), 5);
  CHECK(last_run().stops == 0);
  CHECK(runs.size() == 1);
}

TEST_CASE_FIXTURE(supervisor_stage, "learners leave a place to callers and callers go first") {
  for (int i = 0; i < 6; ++i)
    add("new" + std::to_string(i)).offer.tools = -1;
  add("one");
  begin();
  CHECK(runs.size() == 3);
  need("one");
  REQUIRE(runs.size() == 4);
  CHECK(runs[3]->server == "one");
  need("new5");
  ready(*runs[0]);
  REQUIRE(runs.size() == 5);
  CHECK(runs[4]->server == "new5");
}

TEST_CASE_FIXTURE(supervisor_stage, "a learner that fails is not tried again until somebody needs it") {
  add("new").offer.tools = -1;
  begin();
  ended(last_run(), "exited with 1");
  CHECK(state_of("new") == server_state::backing_off);
  pass(1h);
  CHECK(runs.size() == 1);
  need("new");
  CHECK(runs.size() == 2);
}

TEST_CASE_FIXTURE(supervisor_stage, "a learner that says nothing is stopped in the end") {
  add("new").offer.tools = -1;
  begin();
  ready(last_run());
  pass(60s);
  CHECK(idle_stop_asked(last_run()));
}

TEST_CASE_FIXTURE(supervisor_stage, "nothing is learnt if the configuration says so") {
  settings.learn_unknown = false;
  add("new").offer.tools = -1;
  begin();
  CHECK(runs.empty());
}

// -- idle and always on -------------------------------------------------------------

TEST_CASE_FIXTURE(supervisor_stage, "a server without calls is stopped when its time is up") {
  begin_with_one();
  need("one");
  ready(last_run());
  pass(29min);
  called("one");
  pass(29min);
  CHECK(last_run().stops == 0);
  pass(1min);
  CHECK(idle_stop_asked(last_run()));
  CHECK(state_of("one") == server_state::stopping);
  ended(last_run(), "exited with 0");
  CHECK(state_of("one") == server_state::known);
}

TEST_CASE_FIXTURE(supervisor_stage, "a server that is too busy to stop keeps running") {
  begin_with_one();
  need("one");
  ready(last_run());
  pass(30min);
  CHECK(idle_stop_asked(last_run()));
  auto lease = need("one");
  CHECK_FALSE(lease.answered());
  ready(last_run());
  CHECK(lease.value().backend == last_run().backend);
  CHECK(state_of("one") == server_state::ready);
  pass(29min);
  CHECK(last_run().stops == 1);
}

TEST_CASE_FIXTURE(supervisor_stage, "who needs a server that is stopping gets the next run") {
  begin_with_one();
  need("one");
  ready(last_run());
  pass(30min);
  auto lease = need("one");
  CHECK(runs.size() == 1);
  ended(last_run(), "exited with 0");
  REQUIRE(runs.size() == 2);
  ready(last_run());
  CHECK(lease.value().backend == last_run().backend);
}

TEST_CASE_FIXTURE(supervisor_stage, "no limit on idleness means no stop") {
  settings.idle_limit = 0ms;
  begin_with_one();
  need("one");
  ready(last_run());
  pass(1000h);
  CHECK(last_run().stops == 0);
}

TEST_CASE_FIXTURE(supervisor_stage, "a server that is always on starts with the hub, stays, and comes back") {
  add("one").config.policy.always_on = true;
  begin();
  REQUIRE(runs.size() == 1);
  ready(last_run());
  pass(1000h);
  CHECK(last_run().stops == 0);
  ended(last_run(), "exited with 1");
  REQUIRE(runs.size() == 2);
  ended(last_run(), "exited with 1");
  CHECK(runs.size() == 2);
  pass(600ms);
  CHECK(runs.size() == 3);
}

// -- restart -----------------------------------------------------------------------

TEST_CASE_FIXTURE(supervisor_stage, "a restart ends the run, starts another and answers when that is ready") {
  begin_with_one();
  need("one");
  ready(last_run());
  auto answer = begin_ask<server_restarted>(supervisor, restart_server{"one"});
  settle();
  CHECK(last_run().stops == 1);
  CHECK_FALSE(last_run().only_if_idle);
  auto lease = need("one");
  ended(last_run(), "exited with 0");
  REQUIRE(runs.size() == 2);
  CHECK_FALSE(answer.answered());
  ready(last_run());
  CHECK(answer.value().ok);
  CHECK(lease.value().backend == last_run().backend);
}

TEST_CASE_FIXTURE(supervisor_stage, "a restart ends a pause") {
  begin_with_one();
  need("one");
  ended(last_run(), "exited with 1");
  auto answer = begin_ask<server_restarted>(supervisor, restart_server{"one"});
  settle();
  REQUIRE(runs.size() == 2);
  ended(last_run(), "exited with 2");
  CHECK_FALSE(answer.value().ok);
  CHECK(answer.value().message.starts_with("server one exited with 2"));
}

TEST_CASE_FIXTURE(supervisor_stage, "a restart in the midst of a start begins anew and keeps who waits") {
  begin_with_one();
  auto lease = need("one");
  auto answer = begin_ask<server_restarted>(supervisor, restart_server{"one"});
  settle();
  ended(last_run(), "was killed by signal 15");
  REQUIRE(runs.size() == 2);
  ready(last_run());
  CHECK(answer.value().ok);
  CHECK(lease.value().backend == last_run().backend);
  CHECK(status_of("one").crashes == 0);
}

TEST_CASE_FIXTURE(supervisor_stage, "what cannot be restarted is explained") {
  add("off").config.enabled = false;
  begin();
  CHECK_FALSE(ask<server_restarted>(supervisor, restart_server{"off"}).ok);
  CHECK_FALSE(ask<server_restarted>(supervisor, restart_server{"nobody"}).ok);
}

// -- the end -----------------------------------------------------------------------

TEST_CASE_FIXTURE(supervisor_stage, "shutting down stops every run and answers when the last one has ended") {
  for (auto name : {"a", "b", "c"})
    add(name);
  begin();
  need("a");
  need("b");
  ready(*runs[0]);
  auto waiter = need("b");
  auto down = begin_ask<shut_down_done>(supervisor, shut_down{2000});
  settle();
  CHECK(runs[0]->stops == 1);
  CHECK(runs[1]->stops == 1);
  CHECK(waiter.value().why->what == failure::kind::shutting_down);
  CHECK(need("c").value().why->what == failure::kind::shutting_down);
  CHECK(status().state == "stopping");
  ended(*runs[0], "exited with 0");
  CHECK_FALSE(down.answered());
  ended(*runs[1], "exited with 0");
  CHECK(down.value().killed == 0);
  CHECK(runs.size() == 2);
}

TEST_CASE_FIXTURE(supervisor_stage, "who does not stop in time is killed, and counted") {
  begin_with_one();
  need("one");
  ready(last_run());
  auto down = begin_ask<shut_down_done>(supervisor, shut_down{2000});
  pass(1900ms);
  CHECK_FALSE(down.answered());
  CHECK_FALSE(last_run().gone);
  pass(100ms);
  CHECK(last_run().gone);
  CHECK(down.value().killed == 1);
}

TEST_CASE_FIXTURE(supervisor_stage, "a second word to shut down may hurry") {
  begin_with_one();
  need("one");
  ready(last_run());
  auto first = begin_ask<shut_down_done>(supervisor, shut_down{60'000});
  pass(1s);
  auto second = begin_ask<shut_down_done>(supervisor, shut_down{0});
  pass(1ms);
  CHECK(first.value().killed == 1);
  CHECK(second.answered());
}

TEST_CASE_FIXTURE(supervisor_stage, "a hub with nothing running is down at once") {
  add("new").offer.tools = -1;
  add("one");
  settings.learn_unknown = false;
  begin();
  CHECK(ask<shut_down_done>(supervisor, shut_down{2000}).killed == 0);
}

TEST_CASE_FIXTURE(supervisor_stage, "nothing queued starts while the hub shuts down") {
  settings.concurrent_starts = 1;
  add("a");
  add("b");
  add("c").config.policy.always_on = true;
  begin();
  auto b = need("b");
  auto down = begin_ask<shut_down_done>(supervisor, shut_down{2000});
  settle();
  CHECK(b.value().why->what == failure::kind::shutting_down);
  ended(*runs[0], "exited with 0");
  CHECK(runs.size() == 1);
  CHECK(down.answered());
  CHECK(state_of("b") == server_state::known);
}

TEST_CASE_FIXTURE(supervisor_stage, "who does not stop when it is idle is killed in the end") {
  begin_with_one();
  need("one");
  ready(last_run());
  pass(30min);
  pass(10s);
  CHECK(last_run().gone);
  CHECK(state_of("one") == server_state::known);
}

TEST_CASE_FIXTURE(supervisor_stage, "when the supervisor dies, its runs go with it and who waits is answered") {
  begin_with_one();
  auto lease = need("one");
  caf::anon_send_exit(supervisor, caf::exit_reason::kill);
  settle();
  CHECK(last_run().gone);
  CHECK(lease.answered());
}
