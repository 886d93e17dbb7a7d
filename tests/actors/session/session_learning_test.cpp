#include "tests/actors/session/session_stage.hpp"

#include "actors/learning/habit_model.hpp"

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("session_learning");

namespace {

struct learnt_record {
  std::vector<search_ended> searches;
};

learner_actor::behavior_type recording_learner(learner_actor::pointer, std::shared_ptr<learnt_record> record) {
  return {
    [record](const search_ended& x) { record->searches.push_back(x); },
    [](const learner_tick&) {},
    [](const calls_ended&) {},
    [](const requests_refused&) {},
    [](settle_records) { return records_settled{}; },
    [](const get_report&) { return report{}; },
  };
}

/// Two servers with tools that are described alike.
std::vector<known_server> twins() {
  auto offer_of = [](const char* tool) {
    return offer{{std::string{R"({"name":")"} + tool + R"(","description":"Makes a picture of the page"})"}, {}, {}, {}};
  };
  return {make_server("a", make_catalogue("a", offer_of("snap"))), make_server("b", make_catalogue("b", offer_of("shot")))};
}

struct learning_stage : session_stage {
  std::shared_ptr<learnt_record> learnt = std::make_shared<learnt_record>();
  std::shared_ptr<learning_outlet> outlet = std::make_shared<learning_outlet>();

  learning_stage() : session_stage(twins()) {
    outlet->to = system.spawn(recording_learner, learnt);
    outlet->gauge = std::make_shared<observer_gauge>();
    outlet->habits = std::make_shared<habit_cell>();
    settings.learning = outlet;
    // Longer than what was called is remembered.
    settings.idle_limit = std::chrono::hours{1};
    self->send_exit(registry, caf::exit_reason::user_shutdown);
    registry = system.spawn(session_registry, settings);
    self->send(catalog, subscribe_catalog{caf::actor_cast<catalog_reader>(registry)});
    settle();
  }

  ~learning_stage() {
    self->send_exit(outlet->to, caf::exit_reason::user_shutdown);
    outlet->to = nullptr;
  }

  std::vector<std::string> search(const session_actor& session) {
    auto found = begin(session, "tools/call", R"({"name":"hub__search_tools","arguments":{"query":"picture of the page"}})");
    std::vector<std::string> result;
    for (auto& tool : elements(at(first_text(found.value().body.view()), "tools")))
      result.push_back(at(tool, "tool"));
    return result;
  }

  session_found open_in(std::string project, std::string capabilities = "{}") {
    auto client = std::make_shared<client_context>(*make_request("ping").client);
    client->project = std::move(project);
    client->capabilities = json_text{std::move(capabilities)};
    return ask<session_found>(registry, open_session{{}, client});
  }
};

const std::vector<std::string> in_order{R"("a__snap")", R"("b__shot")"};
const std::vector<std::string> turned{R"("b__shot")", R"("a__snap")"};
const habit_model::time_point start{1'000'000h};

} // namespace

TEST_CASE_FIXTURE(learning_stage, "the learner hears what was asked for, where, and what was shown") {
  auto client = open_in("/home/me/crate");
  CHECK(search(client.session) == in_order);
  REQUIRE(learnt->searches.size() == 1);
  auto& x = learnt->searches[0];
  CHECK(x.request == "picture of the page");
  CHECK(x.project == "/home/me/crate");
  CHECK(x.shown == std::vector<std::pair<std::string, std::string>>{{"a", "snap"}, {"b", "shot"}});
  CHECK(outlet->gauge->records == 1);
}

TEST_CASE_FIXTURE(learning_stage, "of equal tools the one that was called after such searches in such projects comes first") {
  habit_model model;
  model.searched("s", "rust", "picture", {{"b", "shot"}}, start);
  model.called("s", "", "", {"b", "shot"}, true, start);
  auto client = open_in("/home/me/crate");
  outlet->habits->store(model.table({{"/home/me/crate", "rust"}}, start));
  CHECK(search(client.session) == turned);
}

TEST_CASE_FIXTURE(learning_stage, "what this session has called before decides between equals, for ten minutes") {
  habit_model model;
  model.called("s", "", "", {"a", "snap"}, true, start);
  model.called("s", "", "", {"b", "shot"}, true, start);
  for (int i = 0; i < 3; ++i)
    model.called("t" + std::to_string(i), "", "", {"a", "snap"}, true, start);
  outlet->habits->store(model.table({}, start));
  auto client = open_in("");
  CHECK(search(client.session) == in_order);
  begin(client.session, "tools/call", R"({"name":"a__snap"})");
  CHECK(search(client.session) == turned);
  pass(11min);
  CHECK(search(client.session) == in_order);
}

TEST_CASE_FIXTURE(learning_stage, "when the learner is behind, searches are answered and not noted") {
  outlet->gauge->records = observer_gauge::records_limit;
  auto client = open_in("");
  CHECK(search(client.session) == in_order);
  CHECK(learnt->searches.empty());
  CHECK(outlet->gauge->dropped == 1);
}

TEST_CASE_FIXTURE(learning_stage, "a client that has roots and does not say where it works is asked once") {
  auto client = open_in("", R"({"roots":{}})");
  CHECK(search(client.session) == in_order);
  CHECK(written->events.empty());
  auto stream = begin_stream(client.session);
  search(client.session);
  search(client.session);
  CHECK(methods_at(last_exchange - 2) == std::vector<std::string>{"roots/list"});
  notify(client.session, R"({"jsonrpc":"2.0","id":1,"result":{"roots":[{"uri":"https://x"},{"uri":"file:///home/me/my%20app"}]}})");
  search(client.session);
  CHECK(learnt->searches.back().project == "/home/me/my app");
  notify(client.session, R"({"jsonrpc":"2.0","method":"notifications/roots/list_changed"})");
  search(client.session);
  CHECK(written->events.size() == 2);
  auto said = open_in("/home/me/crate", R"({"roots":{}})");
  auto other = begin_stream(said.session);
  search(said.session);
  CHECK(written->events.size() == 2);
}

TEST_SUITE_END();
