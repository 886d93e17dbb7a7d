#include "tests/actors/session/session_stage.hpp"

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("session");

namespace {

constexpr std::string_view call_of_git = R"({"name":"git_hub__create_issue","arguments":{"repo":"a"}})";

} // namespace

TEST_CASE_FIXTURE(session_stage, "a call reaches the server and its answer the client") {
  auto client = open();
  auto pending = begin(client.session, "tools/call", call_of_git);
  REQUIRE(server->open.size() == 1);
  CHECK(at(server->open[0].request.params.view(), "name") == R"("create_issue")");
  answer(0, R"({"content":[]})");
  CHECK(pending.value().body.view() == R"({"content":[]})");
}

TEST_CASE_FIXTURE(session_stage, "a client that introduces itself to an unknown server waits until it is known") {
  auto client = open("new");
  auto first = begin(client.session, "initialize");
  auto second = begin(client.session, "tools/list", "{}", "2");
  CHECK_FALSE(first.answered());
  CHECK(lives->needed != 0);
  learn(make_catalogue("new", note_offer));
  CHECK(at(first.value().body.view(), "serverInfo", "name") == R"("its own name")");
  CHECK(elements(at(second.value().body.view(), "tools")) == note_offer.tools);
}

TEST_CASE_FIXTURE(session_stage, "who waits for a server that cannot start is told why") {
  lives->why = std::make_shared<failure>(failure{failure::kind::start_failed, "new", "no such file", "Install it."});
  auto client = open("new");
  auto pending = begin(client.session, "initialize");
  CHECK(pending.value().why->what == failure::kind::start_failed);
}

TEST_CASE_FIXTURE(session_stage, "a server that never lists what it offers is not waited for forever") {
  auto client = open("new");
  auto pending = begin(client.session, "tools/list");
  pass(119s);
  CHECK_FALSE(pending.answered());
  pass(2s);
  pass(2s);
  CHECK(pending.value().why->what == failure::kind::timed_out);
}

TEST_CASE_FIXTURE(session_stage, "a search waits for the index and no longer") {
  auto client = open();
  auto found = begin(client.session, "tools/call", R"({"name":"search_tools","arguments":{"query":"branches"}})");
  CHECK(at(first_text(found.value().body.view()), "found") == "1");
}

TEST_CASE_FIXTURE(session_stage, "the list of servers asks the supervisor how they are") {
  auto client = open();
  auto listed = begin(client.session, "tools/call", R"({"name":"hub__list_servers","arguments":{}})");
  CHECK(at(first_text(listed.value().body.view()), "server_count") == "3");
}

TEST_CASE_FIXTURE(session_stage, "a stream hears of each list that changes, until it is closed") {
  auto client = open();
  auto stream = begin_stream(client.session);
  auto exchange = last_exchange;
  auto changed = note_offer;
  changed.tools.push_back(R"({"name":"read_note"})");
  learn(make_catalogue("notes", changed));
  CHECK(methods_at(exchange) == std::vector<std::string>{"notifications/tools/list_changed"});
  changed.prompts.clear();
  learn(make_catalogue("notes", changed));
  CHECK(methods_at(exchange).back() == "notifications/prompts/list_changed");
  CHECK_FALSE(stream.answered());
  close(client.session, exchange, false);
  CHECK(stream.value().kind == answer_kind::cancelled);
  learn(make_catalogue("notes", note_offer));
  CHECK(methods_at(exchange).size() == 2);
}

TEST_CASE_FIXTURE(session_stage, "a transparent stream hears of its own server alone") {
  auto client = open("git hub");
  auto stream = begin_stream(client.session);
  learn(make_catalogue("notes", {}));
  CHECK(methods_at(last_exchange).empty());
  learn(make_catalogue("git hub", note_offer));
  CHECK(methods_at(last_exchange).size() == 3);
}

TEST_CASE_FIXTURE(session_stage, "a subscription is acknowledged first, and each change bears its id") {
  auto client = find_stateless();
  auto stream = begin(client.session, make_request("subscriptions/listen",
                                                   R"({"notifications":{"toolsListChanged":true,"logs":true}})",
                                                   R"("sub")", hub::era::stateless));
  REQUIRE(written->events.size() == 1);
  auto& first = written->events[0].second;
  CHECK(at(first, "method") == R"("notifications/subscriptions/acknowledged")");
  CHECK(at(first, "params", "notifications") == R"({"toolsListChanged":true})");
  learn(make_catalogue("notes", {}));
  REQUIRE(written->events.size() == 2);
  auto& second = written->events[1].second;
  CHECK(at(second, "method") == R"("notifications/tools/list_changed")");
  CHECK(at(second, "params", "_meta", "io.modelcontextprotocol/subscriptionId") == R"("sub")");
  CHECK_FALSE(stream.answered());
}

TEST_CASE_FIXTURE(session_stage, "a client has a bound on its streams") {
  auto client = open();
  std::vector<asked<rpc_answer>> streams;
  for (int i = 0; i < 64; ++i)
    streams.push_back(begin_stream(client.session));
  CHECK(begin_stream(client.session).value().why->what == failure::kind::overloaded);
  CHECK_FALSE(streams.back().answered());
}

TEST_CASE_FIXTURE(session_stage, "a client takes back its own call and no other's") {
  auto one = open();
  auto two = open();
  auto mine = begin(one.session, "tools/call", call_of_git, "7");
  auto other = begin(two.session, "tools/call", call_of_git, "7");
  notify(one.session, R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})");
  CHECK(mine.value().kind == answer_kind::cancelled);
  CHECK_FALSE(other.answered());
  CHECK(server->cancelled == 1);
}

TEST_CASE_FIXTURE(session_stage, "a connection that is lost takes back a stateless request and not a session's") {
  auto session = open();
  auto kept = begin(session.session, "tools/call", call_of_git);
  close(session.session, last_exchange, false);
  auto stateless = find_stateless();
  auto lost = begin(stateless.session, "tools/call", call_of_git);
  close(stateless.session, last_exchange, true);
  CHECK_FALSE(kept.answered());
  CHECK(lost.value().kind == answer_kind::cancelled);
}

TEST_CASE_FIXTURE(session_stage, "stateless clients may use the same id at the same time") {
  auto client = find_stateless();
  auto one = begin(client.session, "tools/call", call_of_git);
  auto two = begin(client.session, "tools/call", call_of_git);
  REQUIRE(server->open.size() == 2);
  answer(1, R"({"content":[2]})");
  CHECK_FALSE(one.answered());
  CHECK(two.value().body.view() == R"({"content":[2]})");
}

TEST_CASE_FIXTURE(session_stage, "a session that ends takes back its calls and ends its streams") {
  auto client = open();
  auto call = begin(client.session, "tools/call", call_of_git);
  auto stream = begin_stream(client.session);
  auto waiting = open("new");
  auto held = begin(waiting.session, "tools/list");
  CHECK(ask<session_ended>(registry, end_session{client.id, {}}).existed);
  CHECK(ask<session_ended>(registry, end_session{waiting.id, {"new"}}).existed);
  CHECK(call.value().kind == answer_kind::cancelled);
  CHECK(stream.value().kind == answer_kind::cancelled);
  CHECK(held.value().kind == answer_kind::cancelled);
  CHECK(server->cancelled == 1);
}

TEST_CASE_FIXTURE(session_stage, "a log level that no server knows is refused, and one that is goes with calls") {
  auto client = open();
  CHECK(at(begin(client.session, "logging/setLevel", R"({"level":"loud"})").value().body.view(), "code") == "-32602");
  CHECK(begin(client.session, "logging/setLevel", R"({"level":"error"})").value().kind == answer_kind::result);
  auto call = begin(client.session, "tools/call", call_of_git);
  REQUIRE(server->open.size() == 1);
  CHECK(server->open[0].request.logs == log_level::error);
}

namespace {

/// `notes` with tools that hold for a time, and for everybody.
catalogue_ptr notes_until(std::chrono::steady_clock::time_point until) {
  auto result = std::make_shared<server_catalogue>(*make_catalogue("notes", note_offer));
  auto freshness = std::make_shared<list_freshness>();
  freshness->set(list_kind::tools, until);
  result->freshness = freshness;
  result->is_public[0] = true;
  return result;
}

} // namespace

TEST_CASE_FIXTURE(session_stage, "stateless clients hear how long a list holds and for whom, and others do not") {
  auto now = session_stage::system.clock().now().time_since_epoch();
  learn(notes_until(std::chrono::steady_clock::time_point{now + 1h}));
  auto list = [this](const std::string& door) {
    auto request = make_request("tools/list", "{}", "1", era::stateless);
    return begin(find_stateless(door).session, std::move(request)).value();
  };
  auto of_server = list("notes");
  CHECK(at(of_server.body.view(), "cacheScope") == R"("public")");
  CHECK(at(of_server.body.view(), "ttlMs").starts_with("359"));
  CHECK(elements(at(of_server.body.view(), "tools")) == note_offer.tools);
  CHECK(at(list("git hub").body.view(), "ttlMs") == "0");
  CHECK(at(list("git hub").body.view(), "cacheScope") == R"("private")");
  CHECK(at(list("").body.view(), "ttlMs") == "60000");
  auto of_session = begin(open("notes").session, "tools/list").value();
  CHECK(at(of_session.body.view(), "ttlMs").empty());
}

TEST_CASE_FIXTURE(session_stage, "who asks for a list that holds no longer has it read again, once a second at most") {
  auto now = session_stage::system.clock().now().time_since_epoch();
  learn(notes_until(std::chrono::steady_clock::time_point{now}));
  auto client = open("notes");
  auto listed = begin(client.session, "tools/list");
  CHECK(elements(at(listed.value().body.view(), "tools")) == note_offer.tools);
  begin(client.session, "tools/list");
  CHECK(lives->refreshed == std::vector<std::vector<std::string>>{{"notes"}});
  CHECK(lives->needed == 0);
  pass(1s);
  begin(client.session, "prompts/list");
  CHECK(lives->refreshed.size() == 1);
  begin(client.session, "tools/list");
  CHECK(lives->refreshed.size() == 2);
  auto other = open();
  begin(other.session, "tools/list");
  CHECK(lives->refreshed.size() == 2);
  begin(other.session, "tools/call", R"({"name":"hub__search_tools","arguments":{"query":"note"}})");
  CHECK(lives->refreshed.size() == 3);
}

