#include "tests/actors/supervisor/supervisor_stage.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("supervisor");

namespace {

struct login_stage : supervisor_stage {
  void refused() {
    self->send(caf::actor_cast<grant_watcher_actor>(supervisor), authorization_changed{"one", false, "wants a login", "slm-hub login one"});
    settle();
  }

  void granted() {
    self->send(caf::actor_cast<grant_watcher_actor>(supervisor), authorization_changed{"one", true, "", ""});
    settle();
  }
};

} // namespace

TEST_CASE_FIXTURE(login_stage, "a server whose login has ended is failed, and says what to do") {
  begin_with_one();
  need("one");
  ready(last_run());
  refused();
  CHECK(last_run().stops == 1);
  ended(last_run(), "was stopped");
  auto status = status_of("one");
  CHECK(status.state == server_state::failed);
  CHECK(status.last_error == "wants a login");
  CHECK(status.fix == "slm-hub login one");
  CHECK(status.next == "it waits for you. slm-hub login one");
  auto why = need("one").value().why;
  REQUIRE(why);
  CHECK(why->cause.find("server one wants a login") == 0);
  CHECK(why->fix.find("slm-hub login one") == 0);
}

TEST_CASE_FIXTURE(login_stage, "after the login the next call starts the server at once") {
  begin_with_one();
  need("one");
  ended(last_run(), "wants a login", true);
  CHECK(state_of("one") == server_state::failed);
  granted();
  auto status = status_of("one");
  CHECK(status.state == server_state::known);
  CHECK(status.last_error.empty());
  CHECK(status.fix.empty());
  need("one");
  CHECK(runs.size() == 2);
}

TEST_CASE_FIXTURE(login_stage, "a login while the server still ends counts, too") {
  begin_with_one();
  need("one");
  ready(last_run());
  refused();
  CHECK(state_of("one") == server_state::stopping);
  granted();
  ended(last_run(), "was stopped");
  CHECK(state_of("one") == server_state::known);
}

TEST_CASE_FIXTURE(login_stage, "a server whose tools are unknown is learnt after the login") {
  settings.learn_unknown = true;
  add("one").offer.tools = -1;
  begin();
  REQUIRE(runs.size() == 1);
  ended(last_run(), "wants a login", true);
  granted();
  REQUIRE(runs.size() == 2);
  ready(last_run());
  learned(last_run(), 2);
  CHECK(status_of("one").tools == 2);
  CHECK(last_run().stops == 1);
}

TEST_CASE_FIXTURE(login_stage, "what happens to the login of a server that does not run starts nothing") {
  begin_with_one();
  refused();
  granted();
  CHECK(state_of("one") == server_state::known);
  CHECK(runs.empty());
}

TEST_SUITE_END();
