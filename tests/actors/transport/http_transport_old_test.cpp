#include "tests/actors/transport/http_transport_stage.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("http_transport_old");

using texts = std::vector<std::string>;

namespace {

/// A server of HTTP+SSE with one session: what is posted is answered on the stream.
struct old_server {
  std::string endpoint = "messages?session=1";
  bool ends = false;

  loopback_server::serve_function serve() {
    return [this](loopback_peer& peer) {
      while (auto request = peer.read()) {
        if (request->says("GET /sse")) {
          peer.begin_events();
          peer.say(event_of(endpoint, "event: endpoint\n"));
          stream(peer);
          return;
        }
        if (!request->says("POST /messages?session=1")) {
          peer.answer(404, "text/plain", "Cannot POST");
          continue;
        }
        peer.answer(202, "text/plain", "Accepted");
        std::lock_guard guard{mutex};
        if (method_in(*request) == "end")
          ends = true;
        else if (!id_in(*request).empty())
          answers.push_back(result_for(*request));
        changed.notify_all();
      }
    };
  }

  void stream(loopback_peer& peer) {
    std::unique_lock guard{mutex};
    auto begun = std::chrono::steady_clock::now();
    while (!ends && std::chrono::steady_clock::now() - begun < patience) {
      for (auto& x : std::exchange(answers, {}))
        peer.say(event_of(x, "event: message\n"));
      changed.wait_for(guard, std::chrono::milliseconds{50});
    }
  }

  ~old_server() {
    std::lock_guard guard{mutex};
    ends = true;
    changed.notify_all();
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> answers;
};

/// Ends the streams before the server joins their threads.
struct ending {
  old_server& x;

  ~ending() {
    std::lock_guard guard{x.mutex};
    x.ends = true;
    x.changed.notify_all();
  }
};

} // namespace

TEST_CASE_FIXTURE(http_transport_stage, "HTTP+SSE: messages go to the endpoint, and answers come on the stream") {
  old_server behind;
  loopback_server server{behind.serve()};
  ending end{behind};
  settings.event_stream_only = true;
  run(server.url("/sse"));
  for (int id = 1; id <= 3; ++id)
    say(id, "tools/list");
  CHECK(diary.wait_messages(3).size() == 3);
}

TEST_CASE_FIXTURE(http_transport_stage, "HTTP+SSE: the session ends with the stream") {
  old_server behind;
  loopback_server server{behind.serve()};
  ending end{behind};
  settings.event_stream_only = true;
  run(server.url("/sse"));
  say(0, "end");
  auto closed = diary.wait_closed();
  CHECK(closed.cause == "ended its event stream");
  CHECK_FALSE(closed.never_started);
}

TEST_CASE_FIXTURE(http_transport_stage, "HTTP+SSE: an endpoint at another origin is refused") {
  old_server behind;
  behind.endpoint = "http://attacker.example/messages";
  loopback_server server{behind.serve()};
  ending end{behind};
  settings.event_stream_only = true;
  run(server.url("/sse"));
  auto closed = diary.wait_closed();
  CHECK(closed.cause == "names an endpoint for messages at another origin: http://attacker.example/messages");
  CHECK(closed.never_started);
}

TEST_CASE_FIXTURE(http_transport_stage, "HTTP+SSE: a server that names no endpoint is given up in time") {
  loopback_server server{[](loopback_peer& peer) {
    if (peer.read())
      peer.begin_events();
    peer.wait_closed();
  }};
  settings.event_stream_only = true;
  settings.limits.endpoint = std::chrono::milliseconds{50};
  run(server.url("/sse"));
  CHECK(diary.wait_closed().cause.starts_with("named no endpoint"));
}

TEST_CASE_FIXTURE(http_transport_stage, "a server that only knows HTTP+SSE is found out by initialize, and spoken to so") {
  old_server behind;
  loopback_server server{behind.serve()};
  ending end{behind};
  run(server.url("/sse"));
  say(1, "server/discover", true);
  CHECK(wait_failed().status == 404);
  say(2, "initialize");
  CHECK(diary.wait_messages(1) == texts{R"({"jsonrpc":"2.0","id":2,"result":{}})"});
  say(3, "tools/list");
  CHECK(diary.wait_messages(2)[1] == R"({"jsonrpc":"2.0","id":3,"result":{}})");
}

TEST_CASE_FIXTURE(http_transport_stage, "where there is no event stream either, the refusal of initialize counts") {
  loopback_server server{each_request([](auto& peer, auto& request) {
    peer.answer(404, "text/plain", request.says("GET ") ? "no page" : "no such path");
  })};
  run(server.url());
  say(1, "initialize");
  auto failed = wait_failed();
  CHECK(failed.id == 1);
  CHECK(failed.cause == "answered with HTTP status 404: no such path");
}
