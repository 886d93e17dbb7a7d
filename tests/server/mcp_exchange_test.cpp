#include "tests/server/running_server.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;

TEST_CASE_FIXTURE(running_server, "a session is opened, used and ended") {
  raw_client client{port()};
  auto opened = client.ask(post_text("/mcp", "", initialize_text("2025-06-18")));
  CHECK(opened.status == 200);
  CHECK(opened.headers["content-type"] == "application/json");
  CHECK(opened.body
        == R"({"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18"}})");
  auto id = opened.headers["mcp-session-id"];
  CHECK(id == "session-1");
  auto initialized = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
  auto told = client.ask(session_post(id, initialized));
  CHECK(told.status == 202);
  CHECK(told.body == "");
  notes->await("notifications/initialized");
  auto answer = client.ask(session_post(id, call_text("echo"), "MCP-Protocol-Version: 2025-06-18\r\n"));
  CHECK(answer.status == 200);
  CHECK(answer.body
        == R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"2025-06-18"}]}})");
  auto end = "DELETE /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Session-Id: " + id + "\r\n\r\n";
  CHECK(client.ask(end).status == 200);
  notes->await("ended session-1");
  CHECK(client.ask(end).status == 404);
  auto late = client.ask(session_post(id, call_text("echo")));
  CHECK(late.status == 404);
  CHECK(late.body.find("-32001") != std::string::npos);
  CHECK(late.body.find("\"id\":1") != std::string::npos);
}

TEST_CASE_FIXTURE(running_server, "an initialize that fails opens no session") {
  raw_client client{port()};
  auto answer = client.ask(post_text("/mcp", "", initialize_text("2025-11-25", "refused")));
  CHECK(answer.status == 200);
  CHECK(answer.headers.count("mcp-session-id") == 0);
  CHECK(answer.body.find("-32602") != std::string::npos);
  notes->await("ended session-1");
  auto shapeless = client.ask(
    post_text("/mcp", "", R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{}})"));
  CHECK(shapeless.status == 400);
}

TEST_CASE_FIXTURE(running_server, "initialize is never answered with the stateless version") {
  raw_client client{port()};
  auto answer = client.ask(post_text("/mcp", "", initialize_text("2026-07-28")));
  CHECK(answer.body.find("2025-11-25") != std::string::npos);
}

TEST_CASE_FIXTURE(running_server, "requests without a good session are refused") {
  raw_client client{port()};
  auto none = client.ask(post_text("/mcp", "", call_text("echo")));
  CHECK(none.status == 400);
  CHECK(none.body.find("-32000") != std::string::npos);
  CHECK(client.ask(session_post("nobody", call_text("echo"))).status == 404);
  auto id = open_session_with(client);
  CHECK(client.ask(session_post(id, initialize_text())).body.find("-32600")
        != std::string::npos);
  auto version = client.ask(session_post(id, call_text("echo"), "MCP-Protocol-Version: 1\r\n"));
  CHECK(version.status == 400);
  auto other_door = client.ask(
    post_text("/mcp/git", "Mcp-Session-Id: " + id + "\r\n", call_text("echo")));
  CHECK(other_door.status == 404);
}

TEST_CASE_FIXTURE(running_server, "a server that does not exist is named in the answer") {
  raw_client client{port()};
  auto answer = client.ask(post_text("/mcp/missing", "", initialize_text()));
  CHECK(answer.status == 404);
  CHECK(answer.body.find(R"("kind":"unknown_server")") != std::string::npos);
  CHECK(answer.body.find(R"("server":"missing")") != std::string::npos);
  CHECK(answer.body.find("\"id\":0") != std::string::npos);
}

TEST_CASE_FIXTURE(running_server, "a stateless request needs no session") {
  raw_client client{port()};
  for (auto i = 0; i < 3; ++i) {
    auto answer = client.ask(stateless_call("echo"));
    CHECK(answer.status == 200);
    CHECK(
      answer.body
      == R"({"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","content":[{"type":"text","text":"2026-07-28"}]}})");
    CHECK(answer.headers.count("mcp-session-id") == 0);
  }
  auto unknown = client.ask(post_text(
    "/mcp", "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: no/such\r\n",
    stateless_text("no/such")));
  CHECK(unknown.status == 404);
  CHECK(unknown.body.find("-32601") != std::string::npos);
}

TEST_CASE_FIXTURE(running_server, "progress turns an answer into a stream") {
  raw_client client{port()};
  auto id = open_session_with(client);
  auto answer = client.ask(session_post(id, call_text("progress")));
  CHECK(answer.status == 200);
  CHECK(answer.headers["content-type"] == "text/event-stream");
  CHECK(answer.headers["x-accel-buffering"] == "no");
  auto events = answer.events();
  REQUIRE(events.size() == 4);
  CHECK(events[0]
        == R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}})");
  CHECK(events[2].find(R"("progress":3)") != std::string::npos);
  CHECK(events[3].find(R"("id":1,"result")") != std::string::npos);
  // The connection goes on after a stream.
  CHECK(client.ask(session_post(id, call_text("echo"))).status == 200);
}

TEST_CASE_FIXTURE(running_server, "events are dropped for a client that takes JSON only") {
  raw_client client{port()};
  auto body = stateless_text("tools/call", R"("name":"progress",)");
  auto answer = client.ask(
    "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\n"
    "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: progress\r\n"
    "Content-Length: "
    + std::to_string(body.size()) + "\r\n\r\n" + body);
  CHECK(answer.headers["content-type"] == "application/json");
  CHECK(server.events_dropped() == 3);
}

TEST_CASE_FIXTURE(running_server, "a session has one stream at a time") {
  raw_client client{port()};
  auto id = open_session_with(client);
  auto open = "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
              "Mcp-Session-Id: " + id + "\r\n\r\n";
  raw_client stream{port()};
  stream.send(open);
  CHECK(stream.receive_head().headers["content-type"] == "text/event-stream");
  CHECK(stream.receive_chunk().find("retry: ") != std::string::npos);
  CHECK(stream.receive_chunk().find("notifications/progress") != std::string::npos);
  CHECK(client.ask(open).status == 409);
}

TEST_CASE_FIXTURE(running_server, "a stream needs a session and a client that takes it") {
  raw_client client{port()};
  auto get = [&](std::string_view headers) {
    return client.ask("GET /mcp HTTP/1.1\r\nHost: localhost\r\n" + std::string{headers} + "\r\n")
      .status;
  };
  CHECK(get("Accept: text/event-stream\r\n") == 400);
  CHECK(get("Accept: text/event-stream\r\nMcp-Session-Id: x\r\n") == 404);
  CHECK(get("Accept: application/json\r\nMcp-Session-Id: x\r\n") == 406);
  CHECK(get("Accept: text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n") == 405);
}

TEST_CASE_FIXTURE(running_server, "a stateless client that leaves takes its request back") {
  raw_client client{port()};
  client.send(stateless_call("wait"));
  notes->await("waits");
  client.close();
  notes->await("closed and cancelled");
}

TEST_CASE_FIXTURE(running_server, "a handshake client that leaves takes nothing back") {
  raw_client client{port()};
  auto id = open_session_with(client);
  client.send(session_post(id, call_text("wait")));
  notes->await("waits");
  client.close();
  notes->await("closed");
  CHECK(!notes->has("closed and cancelled"));
}

TEST_CASE_FIXTURE(running_server, "a client that ends only its own half gets its answer") {
  raw_client client{port()};
  auto id = open_session_with(client);
  client.send(session_post(id, call_text("wait")));
  notes->await("waits");
  client.end_output();
  notes->await("closed");
  raw_client other{port()};
  CHECK(other.ask(session_post(id, R"({"jsonrpc":"2.0","method":"release"})")).status == 202);
  CHECK(client.receive().body == R"({"jsonrpc":"2.0","id":1,"result":{"content":[]}})");
  CHECK(client.is_closed());
}

TEST_CASE_FIXTURE(running_server, "a session that dies fails its request and is forgotten") {
  raw_client client{port()};
  auto id = open_session_with(client);
  auto answer = client.ask(session_post(id, call_text("die")));
  CHECK(answer.body.find("-32603") != std::string::npos);
  CHECK(answer.body.find("\"id\":1") != std::string::npos);
}

TEST_CASE_FIXTURE(running_server, "a batch of a 2025-03-26 session is answered as one array") {
  raw_client client{port()};
  auto id = open_session_with(client, "2025-03-26");
  auto answer = client.ask(session_post(
    id, "[" + call_text("echo", 1) + R"(,{"jsonrpc":"2.0","method":"n"},)" + call_text("echo", 2)
          + "]"));
  CHECK(answer.status == 200);
  CHECK(answer.body.front() == '[');
  CHECK(answer.body.find("\"id\":1,") != std::string::npos);
  CHECK(answer.body.find("\"id\":2,") != std::string::npos);
  notes->await("n");
  CHECK(client.ask(session_post(id, R"([{"jsonrpc":"2.0","method":"n"}])")).status == 202);
  auto newer = open_session_with(client, "2025-11-25");
  auto refused = client.ask(session_post(newer, "[" + call_text("echo", 1) + "]"));
  CHECK(refused.status == 400);
  CHECK(refused.body.find("-32600") != std::string::npos);
}

TEST_CASE_FIXTURE(running_server, "subscriptions/listen needs a client that takes streams") {
  raw_client client{port()};
  auto headers = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen\r\n";
  auto body = stateless_text("subscriptions/listen");
  CHECK(client.ask(post_text("/mcp", headers, body)).events().size() == 4);
  auto json_only = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                   "Accept: application/json\r\n" + std::string{headers} + "Content-Length: "
                   + std::to_string(body.size()) + "\r\n\r\n" + body;
  CHECK(client.ask(json_only).status == 406);
}

TEST_CASE("a session is found from another shard than the one that opened it") {
  running_server x{{}, 2};
  raw_client first{x.port()};
  raw_client second{x.port()};
  auto id = open_session_with(first);
  CHECK(second.ask(session_post(id, call_text("echo"), "MCP-Protocol-Version: 2025-11-25\r\n"))
          .body.find("2025-11-25")
        != std::string::npos);
  x.notes->await("looked up");
  auto open = "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
              "Mcp-Session-Id: " + id + "\r\n\r\n";
  second.send(open);
  CHECK(second.receive_head().status == 200);
}
