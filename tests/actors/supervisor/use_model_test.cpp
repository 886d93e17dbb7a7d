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
    model.observe({}, {}, "git", now);
    model.observe({}, {}, "files", now + 1min);
    now += 1h;
  }
  return model;
}

} // namespace

TEST_CASE("what follows often enough is predicted, and nothing before") {
  CHECK(taught(2).predict({}, "git").empty());
  CHECK(taught(3).predict({}, "git") == names{"files"});
  CHECK(taught(3).predict({}, "files").empty());
  CHECK(taught(3).predict({}, "nobody").empty());
}

TEST_CASE("what lies further apart than the horizon has nothing to do with each other") {
  use_model model;
  use_model::time_point now{};
  for (int i = 0; i < 20; ++i) {
    model.observe({}, {}, "git", now);
    model.observe({}, {}, "files", now + 11min);
    now += 1h;
  }
  CHECK(model.predict({}, "git").empty());
}

TEST_CASE("only a change of server is news") {
  use_model model;
  CHECK(model.observe({}, {}, "git", {}));
  CHECK_FALSE(model.observe({}, {}, "git", use_model::time_point{} + 1s));
  CHECK(model.observe({}, {}, "files", use_model::time_point{} + 2s));
}

TEST_CASE("habits change: what is long ago counts for less") {
  auto model = taught(60);
  auto now = use_model::time_point{} + 1000h;
  for (int i = 0; i < 60; ++i) {
    model.observe({}, {}, "git", now);
    model.observe({}, {}, "mail", now + 1min);
    now += 1h;
  }
  CHECK(model.predict({}, "git") == names{"mail"});
}

TEST_CASE("a model is kept as text, and anything else is an empty one") {
  auto model = taught(5);
  model.observe({}, {}, "with \"quotes\"", {});
  CHECK(use_model::read(model.write()).predict({}, "git") == names{"files"});
  CHECK(use_model::read(model.write()).write() == model.write());
  for (auto text : {"", "{", "[]", "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":-1}}", "{\"a\":{\"b\":1e300}}"})
    CHECK(use_model::read(text).predict({}, "a").empty());
}

TEST_CASE("what a hub kept that knew no contexts is read, and counts for all") {
  auto model = use_model::read(R"({"git":{"files":5.000000,"mail":1.000000},"format":{"git":9}})");
  CHECK(model.predict({"claude", "rust"}, "git") == names{"files"});
  CHECK(model.predict({}, "format") == names{"git"});
}

namespace {

/// A client that uses `next` within a minute of `git`, some times.
void teach(use_model& model, const use_context& where, const std::string& next, int times) {
  static use_model::time_point now{};
  for (int i = 0; i < times; ++i) {
    now += 1h;
    model.observe(where.client, where, "git", now);
    model.observe(where.client, where, next, now + 1min);
  }
}

} // namespace

TEST_CASE("clients and kinds of projects have habits of their own") {
  use_model model;
  teach(model, {"claude", "rust"}, "crates", 10);
  teach(model, {"claude", "node"}, "npm", 10);
  teach(model, {"cursor", "node"}, "browser", 30);
  CHECK(model.predict({"claude", "rust"}, "git") == names{"crates"});
  CHECK(model.predict({"claude", "node"}, "git") == names{"npm"});
  CHECK(model.predict({"cursor", "node"}, "git") == names{"browser"});
  // A client that is not known does what others do in such a project, and if that is not known either, what all do.
  CHECK(model.predict({"zed", "rust"}, "git") == names{"crates"});
  CHECK(model.predict({"zed", "php"}, "git") == names{"browser"});
  auto kept = use_model::read(model.write());
  CHECK(kept.predict({"claude", "rust"}, "git") == names{"crates"});
  CHECK(kept.write() == model.write());
  model.forget("crates");
  CHECK(model.predict({"claude", "rust"}, "git") == names{"browser"});
}

TEST_CASE("while little is known of a context, what all do counts") {
  use_model model;
  teach(model, {"cursor", ""}, "files", 20);
  teach(model, {"claude", ""}, "mail", 4);
  CHECK(model.predict({"claude", ""}, "git") == names{"files"});
  teach(model, {"claude", ""}, "mail", 1);
  CHECK(model.predict({"claude", ""}, "git") == names{"mail"});
}

TEST_CASE("what one user does says nothing of what another does next") {
  use_model model;
  use_model::time_point now{};
  for (int i = 0; i < 20; ++i, now += 1h) {
    CHECK(model.observe("a", {}, "git", now));
    CHECK(model.observe("b", {}, "mail", now + 1s));
  }
  CHECK(model.predict({}, "git").empty());
  CHECK(model.predict({}, "mail").empty());
}

TEST_CASE("names that clients make up do not push out what is known") {
  use_model model;
  teach(model, {"claude", "rust"}, "crates", 10);
  for (int i = 0; i < 5000; ++i)
    teach(model, {"made up " + std::to_string(i), "rust"}, "mail", 1);
  CHECK(model.predict({"claude", "rust"}, "git") == names{"crates"});
  CHECK(model.write().size() < 200'000);
}

TEST_CASE("where the hub knows little, what the memory daemon saw counts, and what both saw counts once") {
  use_model own, seen;
  teach(own, {"claude", "rust"}, "crates", 2);
  teach(seen, {}, "crates", 2);
  CHECK(own.predict({"claude", "rust"}, "git", seen).empty());
  teach(seen, {}, "crates", 1);
  CHECK(own.predict({"claude", "rust"}, "git").empty());
  CHECK(own.predict({"claude", "rust"}, "git", seen) == names{"crates"});
  teach(own, {"claude", "rust"}, "mail", 8);
  CHECK(own.predict({"claude", "rust"}, "git", seen) == names{"mail"});
}

TEST_CASE("the names of tools tell their servers") {
  auto known = [](const std::string& x) { return x == "github" || x == "my__files" || x == "git"; };
  CHECK(server_of_tool("github__search", known) == "github");
  CHECK(server_of_tool("my__files__read", known) == "my__files");
  CHECK(server_of_tool("mcp__github__search", known) == "github");
  CHECK(server_of_tool("mcp__slm-hub__github__search", known) == "github");
  for (auto other : {"slm-hub__github__search", "mail__send", "Bash", "__", "mcp__", "mcp__x", "mcp__hub__x__github__y", "github", ""})
    CHECK(server_of_tool(other, known) == "");
}

TEST_CASE("a prediction is right if what it names is the next that this user uses, and wrong after its time") {
  prediction_tally tally;
  use_model::time_point now{};
  tally.expect("a", {"files", "mail"}, now);
  tally.expect("b", {"mail"}, now);
  tally.used("c", "files", now + 1min);
  CHECK(tally.hits() + tally.misses() == 0);
  tally.used("a", "files", now + 1min);
  tally.used("a", "mail", now + 2min);
  CHECK(tally.hits() == 1);
  CHECK(tally.misses() == 0);
  tally.used("b", "files", now + 2min);
  CHECK(tally.misses() == 1);
  tally.expect("a", {"files"}, now + 2min);
  tally.expire(now + 12min);
  CHECK(tally.misses() == 2);
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

TEST_CASE_FIXTURE(warm_stage, "what the daemon saw starts servers too, and its predictions are counted apart") {
  settings.warm_up = warm_up_mode::on;
  add("git");
  add("files");
  begin();
  need("git");
  ready(last_run());
  std::vector<seen_use> uses;
  for (int i = 0; i < 4; ++i)
    for (auto tool : {"mcp__git__status", "git__log", "Bash", "files__read"})
      uses.push_back({tool, std::chrono::seconds{i * 3600}});
  self->send(supervisor, behaviour_seen{std::make_shared<const std::vector<seen_use>>(uses)});
  self->send(supervisor, call_ended{"git", 1000, false, "", 0});
  settle();
  REQUIRE(runs.size() == 2);
  ready(last_run());
  self->send(supervisor, call_ended{"files", 1000, false, "", 0});
  settle();
  CHECK(status().uses_seen == 8);
  CHECK(status().joined_hit == 1);
  CHECK(status().predictions_hit + status().predictions_missed == 0);
}

TEST_CASE_FIXTURE(warm_stage, "what follows depends on the client and on the kind of its project") {
  settings.warm_up = warm_up_mode::on;
  settings.kind_of = [](const std::string& folder) { return folder == "/srv/crate" ? std::string{"rust"} : std::string{}; };
  teach(settings.uses, {"claude", "rust"}, "files", 6);
  teach(settings.uses, {"claude", "node"}, "mail", 20);
  for (auto name : {"git", "files", "mail"})
    add(name);
  begin();
  need("git");
  ready(last_run());
  auto client = std::make_shared<client_context>();
  client->name = "claude";
  client->project = "/srv/crate";
  self->send(supervisor, call_ended{"git", 1000, false, "", 0, client});
  settle();
  REQUIRE(runs.size() == 2);
  CHECK(last_run().server == "files");
}

TEST_CASE_FIXTURE(warm_stage, "switched off, nothing is predicted") {
  begin_with(warm_up_mode::off);
  CHECK(runs.size() == 1);
  pass(11min);
  CHECK(status().predictions_missed == 0);
}
