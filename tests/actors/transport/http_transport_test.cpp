#include "tests/actors/transport/http_transport_stage.hpp"

#include <future>
#include <string>
#include <vector>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("http_transport");

using texts = std::vector<std::string>;

TEST_CASE_FIXTURE(http_transport_stage, "an answer in JSON, pretty or not, becomes one message with its cause") {
  loopback_server server{each_request([](auto& peer, auto& request) {
    peer.answer(200, "application/json; charset=utf-8", "{\n \"jsonrpc\": \"2.0\",\n \"id\": " + id_in(request) + ",\n \"result\": {}\n}\n");
  })};
  run(server.url());
  say(7, "tools/list");
  CHECK(diary.wait_messages(1) == texts{R"({  "jsonrpc": "2.0",  "id": 7,  "result": {} } )"});
  CHECK(diary.wait_messages(1).size() == 1);
  CHECK(diary.wait([](auto& x) { return !x.causes.empty(); }).causes == std::vector<int64_t>{7});
}

TEST_CASE_FIXTURE(http_transport_stage, "an event stream brings notifications before the answer, with the request as their cause") {
  loopback_server server{each_request([](auto& peer, auto& request) {
    peer.begin_events("Transfer-Encoding: chunked\r\n");
    auto text = event_of(R"({"jsonrpc":"2.0","method":"notifications/progress"})") + event_of(result_for(request), "event: message\n");
    peer.chunk(text.substr(0, 40));
    peer.chunk(text.substr(40));
    peer.chunk("");
  })};
  run(server.url());
  say(3, "tools/call");
  CHECK(diary.wait_messages(2)
        == texts{R"({"jsonrpc":"2.0","method":"notifications/progress"})", R"({"jsonrpc":"2.0","id":3,"result":{}})"});
  CHECK(diary.wait([](auto& x) { return x.causes.size() == 2; }).causes == std::vector<int64_t>{3, 3});
}

TEST_CASE_FIXTURE(http_transport_stage, "a transport that ends by no wish of its owner tells so") {
  loopback_server server{each_request([](auto& peer, auto& request) { peer.answer(200, "application/json", result_for(request)); })};
  run(server.url());
  on(home, [this] { caf::anon_send_exit(transport, caf::exit_reason::kill); });
  CHECK(diary.wait_closed().cause == "was given up, because the hub failed at its connection");
}

TEST_CASE_FIXTURE(http_transport_stage, "the session of initialize is named from then on, a new initialize begins without") {
  std::atomic<int> sessions{0};
  loopback_server server{each_request([&](auto& peer, auto& request) {
    auto session = method_in(request) == "initialize" ? "s" + std::to_string(++sessions) : "";
    if (!answer_usual(peer, request, session))
      peer.answer(200, "application/json",
                  result_for(request, "\"" + request.header("Mcp-Session-Id") + " " + request.header("MCP-Protocol-Version") + "\""));
  })};
  run(server.url());
  say(1, "initialize");
  diary.wait_messages(1);
  say(2, "tools/list");
  CHECK(diary.wait_messages(2)[1] == R"({"jsonrpc":"2.0","id":2,"result":"s1 2025-11-25"})");
  say(3, "initialize");
  diary.wait_messages(3);
  say(4, "tools/list");
  CHECK(diary.wait_messages(4)[3] == R"({"jsonrpc":"2.0","id":4,"result":"s2 2025-11-25"})");
}

TEST_CASE_FIXTURE(http_transport_stage, "a server that has forgotten the session did nothing, and says so for each request") {
  loopback_server server{each_request([&](auto& peer, auto& request) {
    if (!answer_usual(peer, request))
      peer.answer(404, "application/json", R"({"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}})");
  })};
  run(server.url());
  say(1, "initialize");
  diary.wait_messages(1);
  say(2, "tools/call");
  auto failed = wait_failed();
  CHECK(failed.id == 2);
  CHECK(failed.what == request_failed::kind::session_lost);
  CHECK(failed.status == 404);
}

TEST_CASE_FIXTURE(http_transport_stage, "a refusal with a JSON-RPC error is an answer, without one it is a failure") {
  loopback_server server{each_request([&](auto& peer, auto& request) {
    if (method_in(request) == "a")
      peer.answer(400, "application/json", R"({"jsonrpc":"2.0","id":null,"error":{"code":-32020,"message":"no"}})");
    else if (method_in(request) == "b")
      peer.answer(503, "text/html", "<html>\n<b>come back</b> later</html>");
    else
      peer.answer(200, "text/html", "<html>welcome</html>");
  })};
  run(server.url());
  say(1, "a", true);
  CHECK(diary.wait_messages(1)[0] == R"({"jsonrpc":"2.0","id":1,"error":{"code":-32020,"message":"no"}})");
  say(2, "b", true);
  auto failed = wait_failed();
  CHECK(failed.what == request_failed::kind::refused);
  CHECK(failed.status == 503);
  CHECK(failed.cause == "answered with HTTP status 503: come back later");
  say(3, "c", true);
  auto second = diary.wait([](auto& x) { return x.failed.size() == 2; }).failed[1];
  CHECK(second.id == 3);
  CHECK(second.cause == "answered with HTTP status 200, but not to the request");
}

TEST_CASE_FIXTURE(http_transport_stage, "what concerns no request comes on the stream of a GET, which is opened again behind its last event") {
  std::atomic<int> streams{0};
  std::promise<std::string> resumed;
  loopback_server server{[&](loopback_peer& peer) {
    while (auto request = peer.read()) {
      if (!request->says("GET ")) {
        answer_usual(peer, *request);
        continue;
      }
      peer.begin_events();
      if (++streams == 1) {
        peer.say(event_of(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})", "id: e1\nretry: 5\n"));
        return;
      }
      if (streams == 2)
        resumed.set_value(request->header("Last-Event-ID") + " " + request->header("Mcp-Session-Id"));
      peer.wait_closed();
    }
  }};
  run(server.url());
  say(1, "initialize");
  diary.wait_messages(1);
  say(0, "notifications/initialized");
  CHECK(diary.wait_messages(2)[1] == R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  CHECK(diary.wait([](auto& x) { return x.causes.size() == 2; }).causes[1] == 0);
  CHECK(await(resumed.get_future()) == "e1 s1");
}

TEST_CASE_FIXTURE(http_transport_stage, "a broken stream with event ids is resumed after the pause it asked for, not before") {
  using clock = std::chrono::steady_clock;
  clock::time_point broken;
  std::chrono::milliseconds paused{0};
  std::string asked;
  loopback_server server{[&](loopback_peer& peer) {
    while (auto request = peer.read()) {
      if (request->says("POST ")) {
        peer.begin_events();
        peer.say("id: p1\nretry: 150\ndata:\n\n");
        broken = clock::now();
        return;
      }
      paused = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - broken);
      asked = request->header("Last-Event-ID");
      peer.begin_events();
      peer.say(event_of(R"({"jsonrpc":"2.0","id":5,"result":{}})", "id: p2\n"));
      return;
    }
  }};
  run(server.url());
  say(5, "tools/call");
  CHECK(diary.wait_messages(1) == texts{R"({"jsonrpc":"2.0","id":5,"result":{}})"});
  CHECK(diary.wait([](auto& x) { return !x.causes.empty(); }).causes[0] == 5);
  CHECK(asked == "p1");
  CHECK(paused >= std::chrono::milliseconds{149});
}

TEST_CASE_FIXTURE(http_transport_stage, "a stream that never brings anything is resumed a bounded number of times") {
  settings.limits.resumes = 3;
  settings.limits.pause = std::chrono::milliseconds{1};
  std::atomic<int> gets{0};
  loopback_server server{[&](loopback_peer& peer) {
    if (auto request = peer.read()) {
      gets += request->says("GET ") ? 1 : 0;
      peer.begin_events();
      peer.say("id: p1\ndata:\n\n");
    }
  }};
  run(server.url());
  say(5, "tools/call");
  auto failed = wait_failed();
  CHECK(failed.what == request_failed::kind::lost);
  CHECK(failed.id == 5);
  CHECK(gets == 3);
}

TEST_CASE_FIXTURE(http_transport_stage, "an answer that breaks off without an id is lost, and only that one") {
  loopback_server server{[&](loopback_peer& peer) {
    while (auto request = peer.read()) {
      if (method_in(*request) == "cut") {
        peer.begin_events();
        peer.say("data: {\"jsonrpc\"");
        return;
      }
      if (method_in(*request) == "die")
        return;
      peer.answer(200, "application/json", result_for(*request));
    }
  }};
  run(server.url());
  say(1, "cut");
  CHECK(wait_failed().what == request_failed::kind::lost);
  say(2, "die");
  auto second = diary.wait([](auto& x) { return x.failed.size() == 2; }).failed[1];
  CHECK(second.id == 2);
  CHECK(second.what == request_failed::kind::lost);
  say(3, "fine");
  CHECK(diary.wait_messages(1) == texts{R"({"jsonrpc":"2.0","id":3,"result":{}})"});
}

TEST_CASE_FIXTURE(http_transport_stage, "requests beyond the bound wait, answers to the server's questions do not") {
  settings.limits.in_flight = 2;
  settings.limits.queued = 1;
  std::promise<void> told;
  auto wait_told = told.get_future().share();
  std::atomic<int> calls{0};
  loopback_server server{each_request([&](auto& peer, auto& request) {
    if (id_in(request).empty()) {
      peer.answer(202, "text/plain", "");
      told.set_value();
      return;
    }
    ++calls;
    wait_told.wait_for(patience);
    peer.answer(200, "application/json", result_for(request));
  })};
  run(server.url());
  for (int id = 1; id <= 4; ++id)
    say(id, "tools/call");
  // The fourth finds two in flight and one in line.
  auto failed = wait_failed();
  CHECK(failed.id == 4);
  CHECK(failed.what == request_failed::kind::refused);
  CHECK(calls <= 2);
  say(0, "notifications/x");
  CHECK(diary.wait_messages(3).size() == 3);
}

TEST_CASE_FIXTURE(http_transport_stage, "a request that is abandoned closes its stream and makes room for the next") {
  settings.limits.in_flight = 1;
  std::promise<void> closed;
  loopback_server server{[&](loopback_peer& peer) {
    while (auto request = peer.read()) {
      if (method_in(*request) == "slow") {
        peer.begin_events();
        peer.say(event_of(R"({"jsonrpc":"2.0","method":"notifications/progress"})"));
        peer.wait_closed();
        closed.set_value();
        return;
      }
      peer.answer(200, "application/json", result_for(*request));
    }
  }};
  run(server.url());
  say(1, "slow", true);
  say(2, "quick", true);
  diary.wait_messages(1);
  abandon(1);
  await(closed.get_future());
  CHECK(diary.wait_messages(2)[1] == R"({"jsonrpc":"2.0","id":2,"result":{}})");
}

TEST_CASE_FIXTURE(http_transport_stage, "closing ends the session at the server") {
  std::promise<std::string> deleted;
  loopback_server server{each_request([&](auto& peer, auto& request) {
    if (request.says("DELETE "))
      deleted.set_value(request.header("Mcp-Session-Id"));
    answer_usual(peer, request);
  })};
  run(server.url());
  say(1, "initialize");
  diary.wait_messages(1);
  close();
  CHECK(await(deleted.get_future()) == "s1");
  auto closed = diary.wait_closed();
  CHECK(closed.asked_for);
  CHECK(closed.cause == "was stopped");
}

TEST_CASE_FIXTURE(http_transport_stage, "a server that does not answer its end does not hold up the close") {
  loopback_server server{each_request([&](auto& peer, auto& request) {
    if (!request.says("DELETE "))
      answer_usual(peer, request);
  })};
  run(server.url());
  say(1, "initialize");
  diary.wait_messages(1);
  close(50);
  CHECK(diary.wait_closed().asked_for);
}

TEST_CASE_FIXTURE(http_transport_stage, "a server that is not there closes the connection with cause and fix") {
  std::string url;
  {
    loopback_server gone{[](auto&) {}};
    url = gone.url();
  }
  run(url);
  say(1, "server/discover", true);
  auto closed = diary.wait_closed();
  CHECK(closed.cause.starts_with("refused the connection at 127.0.0.1:"));
  CHECK_FALSE(closed.fix.empty());
  CHECK_FALSE(closed.never_started);
}

TEST_CASE_FIXTURE(http_transport_stage, "a server that wants a login without one needs mending") {
  loopback_server server{each_request([](auto& peer, auto&) { peer.answer(401, "text/plain", "who are you?"); })};
  run(server.url());
  say(1, "server/discover", true);
  auto closed = diary.wait_closed();
  CHECK(closed.never_started);
  CHECK(closed.cause == "wants credentials (HTTP status 401)");
}

TEST_CASE_FIXTURE(http_transport_stage, "an event over the bound fails its request only") {
  settings.limits.message_bytes = 1000;
  loopback_server server{[](loopback_peer& peer) {
    while (auto request = peer.read()) {
      if (method_in(*request) == "big") {
        peer.begin_events();
        peer.say(event_of(std::string(5000, 'x')));
        peer.wait_closed();
        return;
      }
      peer.answer(200, "application/json", result_for(*request));
    }
  }};
  run(server.url());
  say(1, "big");
  CHECK(wait_failed().id == 1);
  say(2, "small");
  CHECK(diary.wait_messages(1).size() == 1);
}
