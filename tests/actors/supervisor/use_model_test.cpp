#include "tests/actors/supervisor/supervisor_stage.hpp"

#include "actors/supervisor/use_model.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("use model");

namespace {

using names = std::vector<std::string>;

/// A day on which `files` follows `git`, each time after an hour of rest.
use_model taught(int times) {
  use_model model;
  use_model::time_point now{};
  for (int i = 0; i < times; ++i) {
    model.observe("git", now);
    model.observe("files", now + 1min);
    now += 1h;
  }
  return model;
}

} // namespace

TEST_CASE("what follows often enough is predicted, and nothing before") {
  CHECK(taught(2).predict("git").empty());
  CHECK(taught(3).predict("git") == names{"files"});
  CHECK(taught(3).predict("files").empty());
  CHECK(taught(3).predict("nobody").empty());
}

TEST_CASE("what lies further apart than the horizon has nothing to do with each other") {
  use_model model;
  use_model::time_point now{};
  for (int i = 0; i < 20; ++i) {
    model.observe("git", now);
    model.observe("files", now + 11min);
    now += 1h;
  }
  CHECK(model.predict("git").empty());
}

TEST_CASE("only a change of server is news") {
  use_model model;
  CHECK(model.observe("git", {}));
  CHECK_FALSE(model.observe("git", use_model::time_point{} + 1s));
  CHECK(model.observe("files", use_model::time_point{} + 2s));
}

TEST_CASE("habits change: what is long ago counts for less") {
  auto model = taught(60);
  auto now = use_model::time_point{} + 1000h;
  for (int i = 0; i < 60; ++i) {
    model.observe("git", now);
    model.observe("mail", now + 1min);
    now += 1h;
  }
  CHECK(model.predict("git") == names{"mail"});
}

TEST_CASE("a model is kept as text, and anything else is an empty one") {
  auto model = taught(5);
  model.observe("with \"quotes\"", {});
  CHECK(use_model::read(model.write()).predict("git") == names{"files"});
  CHECK(use_model::read(model.write()).write() == model.write());
  for (auto text : {"", "{", "[]", "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":-1}}", "{\"a\":{\"b\":1e300}}"})
    CHECK(use_model::read(text).predict("a").empty());
}

TEST_CASE("predictions are counted when they come true, or when their time is up") {
  prediction_tally tally;
  use_model::time_point now{};
  tally.expect("files", now);
  tally.expect("mail", now);
  tally.used("files", now + 1min);
  tally.used("files", now + 2min);
  CHECK(tally.hits() == 1);
  CHECK(tally.misses() == 0);
  tally.expire(now + 10min);
  CHECK(tally.misses() == 1);
}

namespace {

struct warm_stage : supervisor_stage {
  void begin_with(warm_up_mode mode) {
    settings.warm_up = mode;
    settings.uses = taught(5);
    add("git");
    add("files");
    begin();
    need("git");
    ready(last_run());
    self->send(supervisor, call_ended{"git", 1000, false, "", 0});
    settle();
  }
};

} // namespace

TEST_CASE_FIXTURE(warm_stage, "a predicted server is started, and the prediction counts when it is used") {
  begin_with(warm_up_mode::on);
  REQUIRE(runs.size() == 2);
  CHECK(status_of("files").why == "it is often used after git");
  ready(last_run());
  self->send(supervisor, call_ended{"files", 1000, false, "", 0});
  settle();
  CHECK(status().predictions_hit == 1);
}

TEST_CASE_FIXTURE(warm_stage, "in the shadow nothing is started, and what would have been right is counted") {
  begin_with(warm_up_mode::shadow);
  CHECK(runs.size() == 1);
  pass(11min);
  CHECK(status().predictions_missed == 1);
  CHECK(status().warm_up == "shadow");
}

TEST_CASE_FIXTURE(warm_stage, "switched off, nothing is predicted") {
  begin_with(warm_up_mode::off);
  CHECK(runs.size() == 1);
  pass(11min);
  CHECK(status().predictions_missed == 0);
}
