#include "tests/actors/session/session_stage.hpp"

#include <caf/event_based_actor.hpp>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("kept sessions and groups");

namespace {

using notes = std::vector<std::string>;

/// Writes down what it is told to keep.
session_store_actor::behavior_type recording_store(session_store_actor::pointer,
                                                   std::shared_ptr<notes> told) {
  return {
    [told](const keep_session& x) { told->push_back("keep " + x.session.id); },
    [told](const touch_session& x) {
      told->push_back("touch " + x.id + " " + std::to_string(static_cast<int>(x.logs)));
    },
    [told](const forget_session& x) { told->push_back("forget " + x.id); },
  };
}

int64_t now_in_seconds() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

kept_session sleeping(std::string id, door where) {
  return {std::move(id), std::move(where), make_request("ping").client, log_level::error,
          now_in_seconds()};
}

/// A registry that a hub before this one left sessions to.
struct kept_stage : session_stage {
  std::shared_ptr<notes> told = std::make_shared<notes>();
  session_store_actor store = system.spawn(recording_store, told);

  kept_stage() {
    self->send_exit(registry, caf::exit_reason::user_shutdown);
    settings.store = store;
    settings.kept = {sleeping("old", {"notes"}), sleeping("older", {"gone"})};
    registry = system.spawn(session_registry, settings);
    settle();
  }

  ~kept_stage() {
    self->send_exit(store, caf::exit_reason::user_shutdown);
  }

  session_found find(std::string id, door where) {
    return ask<session_found>(registry, find_session{std::move(id), std::move(where)});
  }
};

struct group_stage : session_stage {
  group_stage() : session_stage(three_servers(), {{"web", {"notes", "new"}}}) {
    // nop
  }
};

} // namespace

TEST_CASE_FIXTURE(kept_stage, "a session of the hub before goes on behind its own door") {
  CHECK(find("old", {}).outcome == session_outcome::unknown_session);
  auto found = find("old", {"notes"});
  CHECK(found.outcome == session_outcome::found);
  REQUIRE(found.client);
  CHECK(found.client->protocol_version == "2025-06-18");
  CHECK(find("old", {"notes"}).session == found.session);
  CHECK(find("older", {"gone"}).outcome == session_outcome::unknown_server);
}

TEST_CASE_FIXTURE(kept_stage, "the store hears of sessions that open and end") {
  auto id = open("notes").id;
  settle();
  CHECK(*told == notes{"keep " + id});
  CHECK(ask<session_ended>(registry, end_session{id, {"notes"}}).existed);
  CHECK(ask<session_ended>(registry, end_session{"old", {"notes"}}).existed);
  settle();
  CHECK(std::ranges::count(*told, "forget " + id) >= 1);
  CHECK(std::ranges::count(*told, "forget old") == 1);
  CHECK(find("old", {"notes"}).outcome == session_outcome::unknown_session);
}

TEST_CASE_FIXTURE(kept_stage, "sessions that nobody came back to make place for new ones") {
  CHECK(open("notes").outcome == session_outcome::found);
  CHECK(open("notes").outcome == session_outcome::found);
  CHECK(open("notes").outcome == session_outcome::found);
  settle();
  CHECK(std::ranges::count_if(*told, [](auto& x) { return x.starts_with("forget old"); }) == 2);
}

TEST_CASE_FIXTURE(kept_stage, "a session that ends with its stream is not kept") {
  ask<session_found>(registry, open_session{{"notes"}, make_request("ping").client, false});
  settle();
  CHECK(told->empty());
}

TEST_CASE_FIXTURE(group_stage, "a door of a group leads to its members alone") {
  auto open_at = [this](door where) {
    return ask<session_found>(registry, open_session{std::move(where), make_request("ping").client});
  };
  CHECK(open_at({"", "web"}).outcome == session_outcome::found);
  CHECK(open_at({"notes", "web"}).outcome == session_outcome::found);
  auto other = open_at({"git hub", "web"});
  CHECK(other.outcome == session_outcome::unknown_server);
  CHECK(other.message.find("notes, new") != std::string::npos);
  auto unknown = open_at({"", "nope"});
  CHECK(unknown.outcome == session_outcome::unknown_server);
  CHECK(unknown.message.find("web") != std::string::npos);
}

TEST_CASE_FIXTURE(group_stage, "changes are told to the groups that have the server") {
  auto group = ask<session_found>(registry, open_session{{"", "web"}, make_request("ping").client});
  auto stream = begin_stream(group.session);
  auto exchange = last_exchange;
  learn(make_catalogue("git hub", offer{{R"({"name":"x"})"}}));
  CHECK(methods_at(exchange).empty());
  learn(make_catalogue("notes", offer{{R"({"name":"x"})"}}));
  CHECK(methods_at(exchange).size() >= 1);
}

TEST_SUITE_END();
