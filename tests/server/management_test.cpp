#include "tests/server/running_server.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace hub;
using namespace hub::test;

namespace {

http_answer get(raw_client& client, std::string_view target) {
  return client.ask("GET " + std::string{target} + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

http_answer post(raw_client& client, std::string_view target) {
  return client.ask("POST " + std::string{target}
                    + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
}

bool has(const http_answer& answer, std::string_view text) {
  return answer.body.find(text) != std::string::npos;
}

} // namespace

TEST_CASE_FIXTURE(running_server, "health is told at both doors") {
  raw_client client{port()};
  for (auto target : {"/health", "/healthz", "/health/live", "/health/ready"}) {
    auto answer = get(client, target);
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"status":"ok","version":"9.9"})");
  }
  auto answer = get(client, "/api/health");
  CHECK(answer.status == 200);
  CHECK(has(answer, R"("status":"ok","state":"running","version":"9.9","uptime_seconds":5)"));
  CHECK(has(answer, R"("servers_configured":1)"));
}

TEST_CASE_FIXTURE(running_server, "a HEAD request is answered without a body") {
  raw_client client{port()};
  client.send("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client.receive_head().headers["content-length"] == "31");
  CHECK(get(client, "/health").status == 200);
}

TEST_CASE_FIXTURE(running_server, "the management API is closed on TCP") {
  raw_client client{port()};
  for (auto target : {"/api/status", "/api/servers", "/api/servers/git", "/api/tools"}) {
    auto answer = get(client, target);
    CHECK(answer.status == 403);
    CHECK(has(answer, "hub.sock"));
  }
  CHECK(post(client, "/api/stop").status == 403);
  CHECK(post(client, "/api/servers/git/restart").status == 403);
}

TEST_CASE_FIXTURE(running_server, "status is put together from the actors") {
  raw_client opener{port()};
  open_session_with(opener);
  raw_client client{socket_path()};
  auto answer = get(client, "/api/status");
  CHECK(answer.status == 200);
  CHECK(has(answer, R"("state":"running","version":"9.9")"));
  CHECK(has(answer, R"("endpoint":")" + server.endpoint() + "\""));
  CHECK(has(answer, R"("config_dir":"/config")"));
  CHECK(has(answer, R"("calls":{"in_flight":1,"answered":2,"failed":3,"cancelled":4})"));
  CHECK(has(answer, R"("sessions":[{"id":"session-",)"));
  CHECK(!has(answer, "secret"));
  CHECK(has(answer, R"("name":"git","session":0,"isolation":"shared","state":"backing_off")"));
  CHECK(has(answer, R"("p95_ms":1.5)"));
  CHECK(has(answer, R"("last_stderr":["a \"quoted\" line"])"));
}

TEST_CASE_FIXTURE(running_server, "servers and tools are listed") {
  raw_client client{socket_path()};
  CHECK(has(get(client, "/api/servers"), R"({"servers":[{"name":"git")"));
  CHECK(has(get(client, "/api/servers/git"), R"("log":"/logs/git.log")"));
  auto missing = get(client, "/api/servers/nope");
  CHECK(missing.status == 404);
  CHECK(has(missing, "There is no server nope"));
  CHECK(
    get(client, "/api/tools?server=git").body
    == R"({"tools":[{"name":"git__log","server":"git","tool":"log","title":"Log","description":"Shows \"commits\""}]})");
  CHECK(get(client, "/api/tools?server=nope").status == 404);
}

TEST_CASE_FIXTURE(running_server, "a server is restarted by either word") {
  raw_client client{socket_path()};
  auto answer = post(client, "/api/servers/git/restart");
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"ok":true,"message":"server git restarts"})");
  CHECK(post(client, "/api/servers/git/reconnect").status == 200);
  CHECK(post(client, "/api/servers/nope/restart").status == 409);
  CHECK(get(client, "/api/servers/git/restart").status == 405);
}

TEST_CASE("the hub is told to stop") {
  auto told = std::make_shared<std::promise<void>>();
  server_settings settings;
  settings.on_stop = [told] { told->set_value(); };
  running_server x{settings};
  raw_client client{x.socket_path()};
  auto answer = post(client, "/api/stop");
  CHECK(answer.status == 202);
  CHECK(answer.body == R"({"state":"stopping"})");
  await(told->get_future());
}

TEST_CASE_FIXTURE(running_server, "a login is begun, waited for and taken back over the socket alone") {
  raw_client client{socket_path()};
  auto begun = post(client, "/api/servers/git/login");
  CHECK(begun.status == 200);
  CHECK(has(begun, R"("login":7)"));
  CHECK(has(begun, "back=http://127.0.0.1:" + std::to_string(port()) + "/oauth/callback"));
  CHECK(post(client, "/api/servers/none/login").status == 409);
  CHECK(has(get(client, "/api/servers/git/login?login=7"), R"("state":"done")"));
  CHECK(has(get(client, "/api/servers/git/login?login=8"), R"("state":"failed")"));
  CHECK(get(client, "/api/servers/git/login").status == 400);
  CHECK(post(client, "/api/servers/git/logout").status == 200);
  raw_client outside{port()};
  CHECK(post(outside, "/api/servers/git/login").status == 403);
  CHECK(post(outside, "/api/servers/git/logout").status == 403);
}

TEST_CASE_FIXTURE(running_server, "the browser comes back over TCP and gets a page without anybody's markup") {
  raw_client client{port()};
  auto page = get(client, "/oauth/callback?state=good");
  CHECK(page.status == 200);
  CHECK(page.headers["content-type"] == "text/html; charset=utf-8");
  CHECK(page.headers["cache-control"] == "no-store");
  CHECK(has(page, "&lt;b&gt;said"));
  CHECK_FALSE(has(page, "<b>"));
  CHECK(get(client, "/oauth/callback?state=bad").status == 400);
  // A browser that only looks ahead uses up nothing.
  client.send("HEAD /oauth/callback?state=good HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client.receive_head().status == 405);
}
