#include "tests/actors/session/session_stage.hpp"

#include "tests/support/plugin_diary.hpp"

#include <set>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("session registry");

namespace {

std::vector<known_server> with_a_disabled_one() {
  auto result = three_servers();
  result[2].enabled = false;
  return result;
}

struct disabled_stage : session_stage {
  disabled_stage() : session_stage(with_a_disabled_one()) {
    // nop
  }
};

} // namespace

TEST_CASE_FIXTURE(session_stage, "plugins hear of the beginnings and ends of sessions") {
  plugin_diary diary{*this};
  settings.plugins = diary.port;
  caf::anon_send_exit(registry, caf::exit_reason::kill);
  registry = system.spawn(session_registry, settings);
  diary.port->wanted = false;
  open("notes");
  CHECK(diary.told->empty());
  diary.port->wanted = true;
  auto x = open("notes");
  settle();
  auto begun = diary.last<plugin_event::session_started>();
  CHECK(begun.session == mark_of_session(x.id));
  CHECK(begun.door == "notes");
  CHECK(begun.client);
  CHECK_FALSE(begun.resumed);
  pass(3s);
  CHECK(ask<session_ended>(registry, end_session{x.id, {"notes"}}).existed);
  auto ended = diary.last<plugin_event::session_ended>();
  CHECK(ended.session == begun.session);
  CHECK(ended.cause == "its client ended it");
  CHECK(ended.age == 3s);
  // Its actor is gone, too, which is nothing new.
  pass(1s);
  CHECK(diary.told->size() == 2);
  open();
  ask<sessions_ended>(registry, end_sessions{});
  CHECK(diary.told->size() == 5);
  CHECK(diary.last<plugin_event::session_ended>().cause == "the hub ends");
}

TEST_CASE_FIXTURE(session_stage, "a session is found by its id behind its own door alone") {
  auto x = open("notes");
  REQUIRE(x.outcome == session_outcome::found);
  CHECK(x.id.size() == 32);
  CHECK(ask<session_found>(registry, find_session{x.id, {"notes"}}).session == x.session);
  CHECK(ask<session_found>(registry, find_session{x.id, {}}).outcome == session_outcome::unknown_session);
  CHECK(ask<session_found>(registry, find_session{"no such id", {}}).outcome == session_outcome::unknown_session);
  CHECK_FALSE(ask<session_ended>(registry, end_session{x.id, {}}).existed);
  CHECK(ask<session_ended>(registry, end_session{x.id, {"notes"}}).existed);
  CHECK_FALSE(ask<session_ended>(registry, end_session{x.id, {"notes"}}).existed);
}

TEST_CASE_FIXTURE(session_stage, "there are as many sessions as the settings allow, and a place is free again") {
  std::set<std::string> ids;
  for (size_t i = 0; i < settings.max_sessions; ++i)
    ids.insert(open().id);
  CHECK(ids.size() == settings.max_sessions);
  auto refused = open();
  CHECK(refused.outcome == session_outcome::too_many_sessions);
  CHECK(refused.message.find("max_sessions") != std::string::npos);
  CHECK(ask<session_ended>(registry, end_session{*ids.begin(), {}}).existed);
  CHECK(open().outcome == session_outcome::found);
}

TEST_CASE_FIXTURE(disabled_stage, "a door that leads nowhere says why") {
  auto unknown = open("nobody");
  CHECK(unknown.outcome == session_outcome::unknown_server);
  CHECK(unknown.message == "Server not found: nobody. Configured are: git hub, notes, new");
  CHECK(open("new").outcome == session_outcome::disabled_server);
  CHECK(find_stateless("new").outcome == session_outcome::disabled_server);
}

TEST_CASE_FIXTURE(session_stage, "all stateless clients of a door share one session") {
  CHECK(find_stateless().session == find_stateless().session);
  CHECK(find_stateless().session != find_stateless("notes").session);
  CHECK(ask<sessions_listed>(registry, list_sessions{}).sessions.empty());
}

TEST_CASE_FIXTURE(session_stage, "a session that nobody uses ends, and one with a stream stays") {
  auto idle = open();
  auto busy = open();
  auto listening = open();
  auto stream = begin_stream(listening.session);
  for (int i = 0; i < 30; ++i) {
    pass(30s);
    begin(busy.session, "ping");
  }
  CHECK(ask<session_found>(registry, find_session{idle.id, {}}).outcome == session_outcome::unknown_session);
  CHECK(ask<session_found>(registry, find_session{busy.id, {}}).outcome == session_outcome::found);
  CHECK(ask<session_found>(registry, find_session{listening.id, {}}).outcome == session_outcome::found);
  CHECK_FALSE(stream.answered());
}

TEST_CASE_FIXTURE(session_stage, "the list of sessions says who they are and how long they are idle") {
  auto x = open("notes");
  pass(10s);
  auto all = ask<sessions_listed>(registry, list_sessions{}).sessions;
  REQUIRE(all.size() == 1);
  CHECK(all[0].id == x.id);
  CHECK(all[0].client_name == "tester");
  CHECK(all[0].protocol_version == "2025-06-18");
  CHECK(all[0].door == "notes");
  CHECK(all[0].idle_seconds == 10);
  CHECK(all[0].age_seconds == 10);
}

TEST_CASE_FIXTURE(session_stage, "the tools of all servers, or of one, are listed for people") {
  auto all = ask<tools_listed>(registry, list_tools{});
  REQUIRE(all.tools.size() == 3);
  CHECK(all.tools[0].name == "git_hub__create_issue");
  CHECK(all.tools[0].tool == "create_issue");
  CHECK(all.tools[0].title == "Create issue");
  CHECK(ask<tools_listed>(registry, list_tools{"notes"}).tools.size() == 1);
  CHECK_FALSE(ask<tools_listed>(registry, list_tools{"nobody"}).server_exists);
}

TEST_CASE_FIXTURE(session_stage, "sessions end with the registry, even those with open streams") {
  auto before = actors();
  auto client = open();
  auto stream = begin_stream(client.session);
  client.session = nullptr;
  CHECK(actors() == before + 1);
  self->send_exit(registry, caf::exit_reason::user_shutdown);
  settle();
  CHECK(stream.value().kind == answer_kind::cancelled);
  CHECK(actors() == before - 1);
}
