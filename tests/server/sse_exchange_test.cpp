#include "tests/server/running_server.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;

namespace {

/// A client of HTTP+SSE with its stream open.
struct sse_client {
  explicit sse_client(uint16_t port, std::string_view path = "/sse") : stream(port) {
    stream.send("GET " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\n"
                "Accept: text/event-stream\r\n\r\n");
    head = stream.receive_head();
    if (head.status != 200)
      return;
    auto event = stream.receive_chunk();
    REQUIRE(event.starts_with("event: endpoint\ndata: "));
    endpoint = event.substr(22, event.size() - 24);
  }

  raw_client stream;
  http_answer head;
  std::string endpoint;
};

const std::string initialized = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";

} // namespace

TEST_CASE_FIXTURE(running_server, "an old client is told where to post and gets its answers by the stream") {
  sse_client old{port()};
  CHECK(old.head.headers["content-type"] == "text/event-stream");
  CHECK(old.endpoint.starts_with("/sse?sessionId=0-"));
  raw_client posts{port()};
  auto early = posts.ask(post_text(old.endpoint, "", call_text("echo")));
  CHECK(early.status == 400);
  auto opened = posts.ask(post_text(old.endpoint, "", initialize_text("2024-11-05")));
  CHECK(opened.status == 202);
  CHECK(opened.body == "");
  CHECK(old.stream.receive_chunk()
        == "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"protocolVersion\":"
           "\"2024-11-05\"}}\n\n");
  CHECK(old.stream.receive_chunk().find("progress") != std::string::npos);
  CHECK(posts.ask(post_text(old.endpoint, "", initialized)).status == 202);
  notes->await("notifications/initialized");
  CHECK(posts.ask(post_text(old.endpoint, "", call_text("progress", 5))).status == 202);
  for (auto i = 0; i < 3; ++i)
    CHECK(old.stream.receive_chunk().find("notifications/progress") != std::string::npos);
  CHECK(old.stream.receive_chunk().find("\"id\":5,\"result\":") != std::string::npos);
  CHECK(posts.ask(post_text(old.endpoint, "", initialize_text())).status == 400);
}

TEST_CASE_FIXTURE(running_server, "several requests of an old client may wait at a time") {
  sse_client old{port()};
  raw_client posts{port()};
  posts.ask(post_text(old.endpoint, "", initialize_text("2024-11-05")));
  old.stream.receive_chunk();
  old.stream.receive_chunk();
  posts.ask(post_text(old.endpoint, "", call_text("wait", 1)));
  posts.ask(post_text(old.endpoint, "", call_text("echo", 2)));
  CHECK(old.stream.receive_chunk().find("\"id\":2,") != std::string::npos);
  posts.ask(post_text(old.endpoint, "", R"({"jsonrpc":"2.0","method":"release"})"));
  CHECK(old.stream.receive_chunk().find("\"id\":1,") != std::string::npos);
}

TEST_CASE_FIXTURE(running_server, "a stream of an old client that is gone is a session that is gone") {
  raw_client posts{port()};
  std::string endpoint;
  {
    sse_client old{port()};
    endpoint = old.endpoint;
    posts.ask(post_text(endpoint, "", initialize_text("2024-11-05")));
    old.stream.receive_chunk();
  }
  notes->await("ended session-1");
  CHECK(posts.ask(post_text(endpoint, "", call_text("echo"))).status == 404);
}

TEST_CASE_FIXTURE(running_server, "a session that ends ends the stream of its old client") {
  sse_client old{port()};
  raw_client posts{port()};
  posts.ask(post_text(old.endpoint, "", initialize_text("2024-11-05")));
  old.stream.receive_chunk();
  old.stream.receive_chunk();
  posts.ask(post_text(old.endpoint, "", call_text("die")));
  CHECK(old.stream.receive_chunk().find("-32603") != std::string::npos);
}

TEST_CASE_FIXTURE(running_server, "an old client is refused where a new one is") {
  CHECK(sse_client(port(), "/mcp/missing/sse").head.status == 404);
  raw_client client{port()};
  CHECK(client.ask("GET /sse HTTP/1.1\r\nHost: evil.example\r\nAccept: text/event-stream\r\n\r\n").status
        == 403);
  CHECK(client.ask("GET /sse HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n").status
        == 406);
  CHECK(client.ask(post_text("/sse", "", initialize_text())).status == 405);
  CHECK(client.ask(post_text("/sse?sessionId=0-nope", "", initialize_text())).status == 404);
  CHECK(client.ask(post_text("/sse?sessionId=nope", "", initialize_text())).status == 404);
  sse_client old{port()};
  auto elsewhere = "/mcp/git" + old.endpoint;
  CHECK(client.ask(post_text(elsewhere, "", initialize_text())).status == 404);
  CHECK(client.ask(post_text(old.endpoint, "", "[" + initialized + "]")).status == 400);
  CHECK(client.ask(post_text(old.endpoint, "", initialize_text("2024-11-05", "refused"))).status
        == 202);
  CHECK(old.stream.receive_chunk().find("-32602") != std::string::npos);
  notes->await("ended session-1");
}

TEST_CASE("an old client may post to any shard") {
  running_server x{{}, 2};
  sse_client old{x.port()};
  raw_client first{x.port()};
  raw_client second{x.port()};
  CHECK(first.ask(post_text(old.endpoint, "", initialize_text("2024-11-05"))).status == 202);
  CHECK(old.stream.receive_chunk().find("result") != std::string::npos);
  old.stream.receive_chunk();
  CHECK(second.ask(post_text(old.endpoint, "", call_text("echo", 2))).status == 202);
  CHECK(old.stream.receive_chunk().find("\"id\":2,") != std::string::npos);
}
