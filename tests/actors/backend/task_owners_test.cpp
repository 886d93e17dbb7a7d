#include "actors/backend/task_owners.hpp"

#include "messages/rpc/json_scan.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_SUITE_BEGIN("task owners");

namespace {

client_context client_of(era e, std::string version, std::string name = "c") {
  client_context x;
  x.era = e;
  x.protocol_version = std::move(version);
  x.info = json_text{R"({"name":")" + name + "\"}"};
  return x;
}

server_catalogue server_of(bool stateless, std::string version, std::string capabilities) {
  server_catalogue x;
  x.stateless = stateless;
  x.protocol_version = std::move(version);
  x.capabilities = json_text{std::move(capabilities)};
  return x;
}

const std::string extension = R"({"extensions":{"io.modelcontextprotocol/tasks":{},"x/y":{}}})";

backend_request about(std::string task, const client_context& client) {
  backend_request x;
  x.method = "tasks/get";
  x.params = json_text{R"({"taskId":")" + task + "\"}"};
  x.client = std::make_shared<client_context>(client);
  return x;
}

} // namespace

TEST_CASE("tasks cross within their own version alone") {
  auto old = server_of(false, "2025-11-25", R"({"tasks":{"list":{}},"tools":{}})");
  auto fresh = server_of(true, "2026-07-28", extension);
  auto handshake = client_of(era::handshake, "2025-11-25");
  auto older = client_of(era::handshake, "2025-06-18");
  auto stateless = client_of(era::stateless, "2026-07-28");
  CHECK(carries_tasks(old, handshake));
  CHECK_FALSE(carries_tasks(old, older));
  CHECK_FALSE(carries_tasks(old, stateless));
  CHECK(carries_tasks(fresh, stateless));
  CHECK_FALSE(carries_tasks(fresh, handshake));
  CHECK(visible_capabilities(old, handshake).view() == old.capabilities.view());
  CHECK(visible_capabilities(old, stateless).view() == R"({"tools":{}})");
  CHECK(visible_capabilities(fresh, handshake).view() == R"({"extensions":{"x/y":{}}})");
}

TEST_CASE("what asks for a task is taken out, and nothing else") {
  json_text params{R"({"name":"t","task":{"ttl":1},"_meta":{"a":1,"io.modelcontextprotocol/clientCapabilities":)"
                   + extension + "}}"};
  CHECK(without_tasks(params).view()
        == R"({"name":"t","_meta":{"a":1,"io.modelcontextprotocol/clientCapabilities":{"extensions":{"x/y":{}}}}})");
  json_text plain{R"({"name":"t","arguments":{"task":1}})"};
  CHECK(without_tasks(plain).view() == plain.view());
}

TEST_CASE("a task belongs to the client whose call has become one") {
  task_owners tasks{2};
  auto mine = client_of(era::stateless, "2026-07-28", "mine");
  auto other = client_of(era::stateless, "2026-07-28", "other");
  tasks.take(json_text{R"({"resultType":"task","taskId":"1","status":"working"})"}, {}, &mine, 5, {});
  tasks.take(json_text{R"({"resultType":"complete","taskId":"2"})"}, {}, &mine, 6, {});
  CHECK_FALSE(tasks.refuse(about("1", mine)));
  CHECK(rpc::member(tasks.refuse(about("1", other)).value().view(), "code") == "-32602");
  CHECK(tasks.refuse(about("2", mine)));
  json_text list{R"({"tasks":[{"taskId":"1"},{"taskId":"9"}],"nextCursor":"c"})"};
  CHECK(tasks.own_part(list, {}, &mine).view() == R"({"tasks":[{"taskId":"1"}],"nextCursor":"c"})");
  CHECK(tasks.own_part(list, {}, &other).view() == R"({"tasks":[],"nextCursor":"c"})");
}

TEST_CASE("of too many tasks the oldest is forgotten") {
  task_owners tasks{2};
  auto client = client_of(era::stateless, "2026-07-28");
  for (auto id : {"1", "2", "3"})
    tasks.take(json_text{R"({"resultType":"task","taskId":")" + std::string{id} + "\"}"}, {}, &client, 5, {});
  CHECK(tasks.refuse(about("1", client)));
  CHECK_FALSE(tasks.refuse(about("3", client)));
}

TEST_SUITE_END();
