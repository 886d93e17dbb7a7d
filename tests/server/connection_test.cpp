#include "tests/server/running_server.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

namespace {

std::string get_text(std::string_view target, std::string_view headers = "Host: localhost\r\n") {
  return "GET " + std::string{target} + " HTTP/1.1\r\n" + std::string{headers} + "\r\n";
}

/// Settings under which time passes quickly.
server_settings hurried() {
  server_settings x;
  x.sweep = 10ms;
  x.idle_limit = x.receive_limit = x.send_limit = x.linger_limit = 30s;
  x.stream_silence = 30s;
  return x;
}

/// Waits until the server has no more than `count` connections.
void await_connections(const http_server& server, size_t count) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (server.connections() > count) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::yield();
  }
}

} // namespace

TEST_CASE_FIXTURE(running_server, "requests that are sent ahead are answered in order") {
  raw_client client{port()};
  auto id = open_session_with(client);
  std::string all;
  for (auto i = 1; i <= 50; ++i)
    all += session_post(id, call_text(i % 7 == 0 ? "progress" : "echo", i));
  client.send(all);
  for (auto i = 1; i <= 50; ++i)
    CHECK(client.receive().body.find("\"id\":" + std::to_string(i) + ",") != std::string::npos);
}

TEST_CASE_FIXTURE(running_server, "requests that are sent ahead of the end are answered") {
  raw_client client{port()};
  client.send(get_text("/health") + get_text("/health") + get_text("/health"));
  client.end_output();
  for (auto i = 0; i < 3; ++i)
    CHECK(client.receive().status == 200);
  CHECK(client.is_closed());
}

TEST_CASE_FIXTURE(running_server, "a connection is closed when the client wants it so") {
  raw_client client{port()};
  auto answer = client.ask(get_text("/health", "Host: a\r\nHost: b\r\n"));
  CHECK(answer.status == 400);
  CHECK(client.is_closed());
  raw_client other{port()};
  auto last = other.ask(get_text("/health", "Host: localhost\r\nConnection: close\r\n"));
  CHECK(last.status == 200);
  CHECK(last.headers["connection"] == "close");
  CHECK(other.is_closed());
}

TEST_CASE_FIXTURE(running_server, "a body of 100 MB is refused and the client can read why") {
  raw_client client{port()};
  client.send("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n");
  std::string piece(1024 * 1024, 'x');
  for (auto i = 0; i < 100; ++i)
    client.send(piece);
  auto answer = client.receive();
  CHECK(answer.status == 413);
  CHECK(answer.body.find("16777216 bytes") != std::string::npos);
}

TEST_CASE_FIXTURE(running_server, "a body at the limit is read") {
  raw_client client{port()};
  auto id = open_session_with(client);
  auto body = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","x":")"
              + std::string(15 * 1024 * 1024, 'x') + "\"}}";
  CHECK(client.ask(session_post(id, body)).status == 200);
}

TEST_CASE_FIXTURE(running_server, "a client that asks before it sends is told to go on") {
  raw_client client{port()};
  auto text = post_text("/mcp", "Expect: 100-continue\r\n", initialize_text());
  auto end = text.find("\r\n\r\n") + 4;
  client.send(text.substr(0, end));
  CHECK(client.receive_head().status == 100);
  client.send(text.substr(end));
  CHECK(client.receive().status == 200);
}

TEST_CASE_FIXTURE(running_server, "a foreign Host or Origin is refused on TCP") {
  raw_client client{port()};
  CHECK(client.ask(get_text("/health", "Host: evil.example\r\n")).status == 403);
  CHECK(client.ask(get_text("/health", "Host: localhost\r\nOrigin: http://evil.example\r\n")).status
        == 403);
  CHECK(client.ask("GET http://evil.example/health HTTP/1.1\r\nHost: localhost\r\n\r\n").status
        == 403);
  auto good = client.ask(get_text("/health", "Host: localhost\r\nOrigin: http://localhost:3\r\n"));
  CHECK(good.status == 200);
  CHECK(good.headers["access-control-allow-origin"] == "http://localhost:3");
  raw_client local{socket_path()};
  CHECK(local.ask(get_text("/health", "Host: hub\r\n")).status == 200);
}

TEST_CASE_FIXTURE(running_server, "a preflight of an allowed origin names what is allowed") {
  raw_client client{port()};
  auto answer = client.ask("OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\n"
                           "Origin: http://localhost:3\r\n"
                           "Access-Control-Request-Method: POST\r\n\r\n");
  CHECK(answer.status == 204);
  CHECK(answer.headers["access-control-allow-origin"] == "http://localhost:3");
  CHECK(answer.headers["access-control-expose-headers"] == "Mcp-Session-Id");
  CHECK(answer.headers["access-control-allow-headers"].find("Mcp-Session-Id")
        != std::string::npos);
  CHECK(client.ask("OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n\r\n").status
        == 403);
}

TEST_CASE_FIXTURE(running_server, "paths and methods that there are not are refused") {
  raw_client client{port()};
  auto nothing = client.ask(get_text("/.well-known/oauth-protected-resource/mcp"));
  CHECK(nothing.status == 404);
  CHECK(nothing.body.find("\"fix\"") != std::string::npos);
  auto put = client.ask("PUT /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  CHECK(put.status == 405);
  CHECK(put.headers["allow"] == "GET, POST, DELETE, OPTIONS");
}

TEST_CASE_FIXTURE(running_server, "a result of 10 MB arrives, also at a slow reader") {
  raw_client client{port()};
  client.send(stateless_call("big"));
  auto answer = client.receive();
  CHECK(answer.body.size() > 10'000'000);
  CHECK(answer.body.ends_with("bbb\"}}"));
}

TEST_CASE_FIXTURE(running_server, "events for a slow reader are dropped and its answer is not") {
  raw_client client{port()};
  auto id = open_session_with(client);
  client.send(session_post(id, call_text("flood")));
  notes->await("waits");
  raw_client other{port()};
  for (auto i = 0; i < 4; ++i)
    other.ask(session_post(id, call_text("echo")));
  other.ask(session_post(id, R"({"jsonrpc":"2.0","method":"release"})"));
  auto events = client.receive().events();
  REQUIRE(!events.empty());
  CHECK(events.back().find("\"id\":1,\"result\"") != std::string::npos);
  CHECK(events.size() - 1 + server.events_dropped() == 2000);
}

TEST_CASE_FIXTURE(running_server, "a thousand idle connections disturb nobody") {
  std::vector<std::unique_ptr<raw_client>> idle;
  for (auto i = 0; i < 1000; ++i)
    idle.push_back(std::make_unique<raw_client>(port()));
  raw_client client{port()};
  CHECK(client.ask(stateless_call("echo")).status == 200);
  idle.clear();
  await_connections(server, 1);
}

TEST_CASE("a connection over the limit is told so and closed") {
  server_settings settings;
  settings.connections_limit = 2;
  running_server x{settings};
  raw_client first{x.port()};
  raw_client second{x.port()};
  CHECK(first.ask(get_text("/health")).status == 200);
  CHECK(second.ask(get_text("/health")).status == 200);
  raw_client third{x.port()};
  auto answer = third.receive();
  CHECK(answer.status == 503);
  CHECK(answer.headers["retry-after"] == "1");
  CHECK(third.is_closed());
  first.close();
  await_connections(x.server, 1);
  raw_client fourth{x.port()};
  CHECK(fourth.ask(get_text("/health")).status == 200);
}

TEST_CASE("an idle connection is closed when its time is up") {
  auto settings = hurried();
  settings.idle_limit = 30ms;
  running_server x{settings};
  raw_client client{x.port()};
  CHECK(client.ask(get_text("/health")).status == 200);
  CHECK(client.is_closed());
}

TEST_CASE("half a request is refused when its time is up") {
  auto settings = hurried();
  settings.receive_limit = 30ms;
  running_server x{settings};
  for (auto text : {"POST /mcp HTTP/1.1\r\nHo",
                    "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf"}) {
    raw_client client{x.port()};
    auto answer = client.ask(text);
    CHECK(answer.status == 408);
    CHECK(client.is_closed());
  }
}

TEST_CASE("a client that does not read its answer is closed when its time is up") {
  auto settings = hurried();
  settings.send_limit = 30ms;
  running_server x{settings};
  raw_client client{x.port()};
  client.send(stateless_call("big"));
  await_connections(x.server, 0);
}

TEST_CASE("a long call is kept alive by comments") {
  auto settings = hurried();
  settings.stream_silence = 10ms;
  running_server x{settings};
  raw_client client{x.port()};
  client.send(stateless_call("wait"));
  CHECK(client.receive_head().headers["content-type"] == "text/event-stream");
  CHECK(client.receive_chunk() == ":\n\n");
  CHECK(client.receive_chunk() == ":\n\n");
}

TEST_CASE_FIXTURE(running_server, "a hub that drains finishes calls and takes no new ones") {
  raw_client client{port()};
  auto id = open_session_with(client);
  raw_client waiting{port()};
  waiting.send(session_post(id, call_text("wait")));
  notes->await("waits");
  server.drain();
  auto refused = client.ask(session_post(id, call_text("echo")));
  CHECK(refused.status == 503);
  CHECK(refused.headers["retry-after"] == "1");
  CHECK(refused.body.find("\"id\":1") != std::string::npos);
  CHECK(client.ask(get_text("/health/live")).status == 200);
  CHECK(client.ask(get_text("/health/ready")).status == 503);
  CHECK(client.ask(session_post(id, R"({"jsonrpc":"2.0","method":"release"})")).status == 202);
  CHECK(waiting.receive().status == 200);
}

TEST_CASE_FIXTURE(running_server, "a hub that stops closes its connections and its doors") {
  raw_client client{port()};
  auto id = open_session_with(client);
  raw_client waiting{port()};
  waiting.send(session_post(id, call_text("wait")));
  notes->await("waits");
  server.stop();
  CHECK(waiting.is_closed());
  CHECK(client.is_closed());
  struct stat there {};
  CHECK(::stat(socket_path().c_str(), &there) != 0);
  CHECK(server.connections() == 0);
}

TEST_CASE_FIXTURE(running_server, "only its user can open the Unix socket") {
  struct stat there {};
  REQUIRE(::stat(socket_path().c_str(), &there) == 0);
  CHECK((there.st_mode & 0777) == 0600);
}

TEST_CASE_FIXTURE(running_server, "a door that is taken is not taken twice") {
  live_system other;
  server_settings settings;
  settings.port = port();
  CHECK_THROWS_WITH_AS(http_server(other.system, settings),
                       doctest::Contains("another program uses this port"), std::runtime_error);
  settings.port = 0;
  settings.socket_path = socket_path();
  CHECK_THROWS_WITH_AS(http_server(other.system, settings),
                       doctest::Contains("another hub answers there"), std::runtime_error);
}

TEST_CASE("a socket that a dead hub left is replaced") {
  scratch_folder folder;
  live_system world;
  server_settings settings;
  settings.port = 0;
  settings.socket_path = folder.at("hub.sock");
  // Destroyed without being started, a server leaves its socket.
  { http_server left{world.system, settings}; }
  struct stat there {};
  REQUIRE(::stat(settings.socket_path.c_str(), &there) == 0);
  http_server next{world.system, settings};
  CHECK(next.endpoint() == "http://127.0.0.1:" + std::to_string(next.port()) + "/mcp");
}

TEST_CASE("a file that is no socket is left alone") {
  scratch_folder folder;
  live_system world;
  server_settings settings;
  settings.port = 0;
  settings.socket_path = folder.write("hub.sock", "precious");
  CHECK_THROWS_WITH_AS(http_server(world.system, settings), doctest::Contains("move it away"),
                       std::runtime_error);
  CHECK(folder.read("hub.sock") == "precious");
}
