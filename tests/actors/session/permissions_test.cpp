#include "actors/policy/permission_memo.hpp"
#include "tests/actors/session/session_stage.hpp"

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("permissions of sessions");

namespace {

permission_rule rule(permission act, std::string server, std::string tool = "") {
  permission_rule result;
  result.name = "permissions[0]";
  result.server = std::move(server);
  result.tool = std::move(tool);
  result.act = act;
  return result;
}

std::shared_ptr<const client_context> client_under(std::vector<permission_rule> rules) {
  auto table = std::make_shared<const permission_table>(std::move(rules), permission::allow);
  auto result = std::make_shared<client_context>(*make_request("ping").client);
  result->policy = table->policy_of({"c", "", ""});
  return result;
}

} // namespace

TEST_CASE("the tool that is judged is the one that any server would call") {
  std::string text;
  auto tool = [&](std::string_view params) { return std::string{called_tool(params, text).value_or("(none)")}; };
  CHECK(tool(R"({"name":"a","arguments":{"name":"b"}})") == "a");
  CHECK(tool(R"({"arguments":{},"n\u0061me":"\u0062"})") == "b");
  CHECK(tool(R"({"name":"a","name":"b"})") == "(none)");
  CHECK(tool(R"({"name":"a","n\u0061me":"b"})") == "(none)");
  CHECK(tool(R"({"name":"a","Name":"b"})") == "(none)");
  CHECK(tool(R"({"name":7})") == "(none)");
  CHECK(tool("{}") == "(none)");
}

TEST_CASE_FIXTURE(session_stage, "a denied server is out of sight at every door, and the others are not") {
  auto client = client_under({rule(permission::deny, "notes")});
  auto refused = ask<session_found>(registry, open_session{{"notes"}, client});
  CHECK(refused.outcome == session_outcome::denied);
  CHECK(refused.message.find("permissions[0]") != std::string::npos);
  CHECK(ask<session_found>(registry, hub::find_stateless{{"notes"}, client}).outcome == session_outcome::denied);
  auto open = ask<session_found>(registry, open_session{{}, client});
  REQUIRE(open.outcome == session_outcome::found);
  for (std::string_view method : {"tools/list", "resources/list", "resources/templates/list", "prompts/list"}) {
    auto answer = begin(open.session, method);
    auto text = std::string{answer.value().body.view()};
    CHECK_MESSAGE(text.find("notes") == std::string::npos, text);
  }
  auto listed = std::string{begin(open.session, "tools/call", R"({"name":"hub__list_servers"})").value().body.view()};
  CHECK_MESSAGE(listed.find("notes") == std::string::npos, listed);
  CHECK(listed.find("git_hub") != std::string::npos);
  // Somebody under no rule sees it all the same.
  auto free = this->open();
  CHECK(begin(free.session, "tools/call", R"({"name":"hub__list_servers"})").value().body.view().find("notes")
        != std::string::npos);
}

TEST_CASE_FIXTURE(session_stage, "stateless clients under different rules have different sessions") {
  auto one = client_under({rule(permission::deny, "notes")});
  auto other = client_under({rule(permission::warn, "notes")});
  auto find = [&](std::shared_ptr<const client_context> x) {
    return ask<session_found>(registry, hub::find_stateless{{}, std::move(x)}).session;
  };
  CHECK(find(one) == find(one));
  CHECK(find(one) != find(other));
  CHECK(find(one) != find_stateless().session);
}

TEST_CASE_FIXTURE(session_stage, "what was begun with a token ends when it counts no more") {
  auto who = std::make_shared<const principal>(principal{"id-1", "ci", "user", 0});
  auto client = std::make_shared<client_context>(*make_request("ping").client);
  client->who = who;
  auto mine = ask<session_found>(registry, open_session{{"", "", "id-1"}, client});
  auto shared = ask<session_found>(registry, hub::find_stateless{{"", "", "id-1"}, client});
  auto nobodys = open();
  REQUIRE(mine.outcome == session_outcome::found);
  CHECK(ask<session_found>(registry, find_session{mine.id, {}}).outcome == session_outcome::unknown_session);
  CHECK(ask<session_found>(registry, find_session{mine.id, {"", "", "id-2"}}).outcome == session_outcome::unknown_session);
  CHECK(ask<session_found>(registry, find_session{mine.id, {"", "", "id-1"}, who}).session == mine.session);
  CHECK_FALSE(ask<session_ended>(registry, end_session{mine.id, {}}).existed);
  auto stream = begin_stream(shared.session);
  access_token kept{who, sha256_of("t")};
  self->send(registry, access_changed{std::make_shared<const access_table>(std::vector{kept})});
  settle();
  CHECK(ask<session_found>(registry, find_session{mine.id, {"", "", "id-1"}, who}).outcome == session_outcome::found);
  CHECK_FALSE(stream.answered());
  self->send(registry, access_changed{std::make_shared<const access_table>()});
  settle();
  CHECK(ask<session_found>(registry, find_session{mine.id, {"", "", "id-1"}, who}).outcome == session_outcome::unknown_session);
  CHECK(stream.answered());
  CHECK(ask<session_found>(registry, find_session{nobodys.id, {}}).outcome == session_outcome::found);
}
