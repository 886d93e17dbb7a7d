#include "actors/call/calls.hpp"

#include "messages/access.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/stage.hpp"

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("requestState");

namespace {

std::shared_ptr<const client_context> client_with_token(const std::string& id) {
  auto result = std::make_shared<client_context>();
  result->era = era::stateless;
  result->info = json_text{R"({"name":"c","version":"1"})"};
  result->capabilities = json_text{R"({"elicitation":{}})"};
  if (!id.empty())
    result->who = std::make_shared<const principal>(principal{id, "name", "user", 0});
  return result;
}

make_call call_of(std::shared_ptr<const client_context> client, const std::string& id, const std::string& params) {
  make_call result;
  result.key = {7, id};
  result.server = "s";
  result.method = "tools/call";
  result.params = json_text{params};
  result.client = std::move(client);
  return result;
}

} // namespace

TEST_CASE_FIXTURE(test::stage, "an open question goes on only with the token of the client that was asked") {
  auto server = std::make_shared<test::backend_record>();
  auto lives = std::make_shared<test::supervisor_record>();
  lives->backend = system.spawn(test::fake_backend, server);
  auto supervisor = system.spawn(test::fake_supervisor, lives);
  call_actor calls = system.spawn(hub::calls, call_settings{supervisor, 4, 10s});
  auto pending = begin_ask<rpc_answer>(calls, call_of(client_with_token("a"), "1", R"({"name":"t"})"));
  settle();
  REQUIRE(server->open.size() == 1);
  auto asked = begin_ask<rpc_answer>(
    calls, server_question{server->open[0].request.call, "elicitation/create",
                           json_text{R"({"message":"?","requestedSchema":{"type":"object","properties":{}}})"}});
  settle();
  auto body = pending.value().body;
  auto state = rpc::member(body.view(), "requestState");
  REQUIRE_FALSE(state.empty());
  std::string key;
  rpc::for_each_member(rpc::member(body.view(), "inputRequests"), [&](const rpc::json_member& x) {
    key = x.key;
    return false;
  });
  auto retry = R"({"name":"t","requestState":)" + std::string{state} + R"(,"inputResponses":{")" + key
               + R"(":{"action":"accept","content":{}}}})";
  for (std::string other : {"b", ""}) {
    auto stolen = begin_ask<rpc_answer>(calls, call_of(client_with_token(other), "2", retry));
    settle();
    CHECK(stolen.value().kind == answer_kind::error);
    CHECK_FALSE(asked.answered());
  }
  auto mine = begin_ask<rpc_answer>(calls, call_of(client_with_token("a"), "3", retry));
  settle();
  CHECK(asked.answered());
  server->plan.emplace_back(0, R"({"content":[]})");
  self->send(lives->backend, backend_tick{});
  settle();
  CHECK(mine.value().body.view() == R"({"content":[]})");
  for (auto end : {caf::actor_cast<caf::actor>(calls), caf::actor_cast<caf::actor>(supervisor),
                   caf::actor_cast<caf::actor>(lives->backend)})
    self->send_exit(end, caf::exit_reason::user_shutdown);
  lives->backend = nullptr;
  pass(300s);
}
