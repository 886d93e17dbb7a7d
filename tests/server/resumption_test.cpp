#include "tests/server/running_server.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;

namespace {

std::string get_stream(std::string_view id, std::string_view last_event = {}) {
  auto more = last_event.empty() ? std::string{}
                                 : "Last-Event-ID: " + std::string{last_event} + "\r\n";
  return "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nMcp-Session-Id: "
         + std::string{id} + "\r\n" + more + "\r\n";
}

/// The id of an event.
std::string id_of(std::string_view event) {
  auto start = event.find("id: ");
  REQUIRE(start != std::string_view::npos);
  auto rest = event.substr(start + 4);
  return std::string{rest.substr(0, rest.find('\n'))};
}

bool is_priming(const std::string& event) {
  return event.find("data:\n\n") != std::string::npos
         && event.find("retry: ") != std::string::npos;
}

const std::string release = R"({"jsonrpc":"2.0","method":"release"})";

server_settings fast_sweeps() {
  server_settings result;
  result.sweep = std::chrono::milliseconds{20};
  return result;
}

/// Opens a call that waits, and reads its priming event; returns the id of it.
std::string open_waiting_call(running_server& x, raw_client& client, const std::string& session) {
  client.send(session_post(session, call_text("wait")));
  x.notes->await("waits");
  CHECK(client.receive_head().headers["content-type"] == "text/event-stream");
  auto priming = client.receive_chunk();
  CHECK(is_priming(priming));
  return id_of(priming);
}

} // namespace

TEST_CASE("a call of a 2025-11-25 client that lasts begins a stream that tells how to go on") {
  running_server x{fast_sweeps()};
  raw_client client{x.port()};
  auto id = open_session_with(client);
  open_waiting_call(x, client, id);
  raw_client other{x.port()};
  CHECK(other.ask(session_post(id, release)).status == 202);
  auto answer = client.receive_chunk();
  CHECK(answer.find(R"("id":1,"result":)") != std::string::npos);
  CHECK(client.receive_chunk() == "");
}

TEST_CASE("older clients get ids and no event without data") {
  running_server x;
  raw_client client{x.port()};
  auto id = open_session_with(client, "2025-06-18");
  auto answer = client.ask(session_post(id, call_text("progress")));
  CHECK(answer.body.starts_with("id: p"));
  CHECK(answer.body.find("retry") == std::string::npos);
  CHECK(answer.events().size() == 4);
}

TEST_CASE("an answer outlives its connection and goes to who names the stream") {
  running_server x{fast_sweeps()};
  raw_client keeper{x.port()};
  auto id = open_session_with(keeper);
  std::string seen;
  {
    raw_client client{x.port()};
    seen = open_waiting_call(x, client, id);
  }
  CHECK(keeper.ask(session_post(id, release)).status == 202);
  raw_client back{x.port()};
  auto answer = back.ask(get_stream(id, seen));
  CHECK(answer.status == 200);
  REQUIRE(answer.events().size() == 1);
  CHECK(answer.events()[0].find(R"("id":1,"result":)") != std::string::npos);
  // It was received, so it does not come a second time.
  auto again = back.ask(get_stream(id, id_of(answer.body)));
  CHECK(again.events().empty());
}

TEST_CASE("a call that lasts can be resumed without waiting for a sweep") {
  server_settings settings;
  settings.sweep = std::chrono::hours{1};
  running_server x{settings};
  raw_client keeper{x.port()};
  auto id = open_session_with(keeper);
  raw_client client{x.port()};
  auto seen = open_waiting_call(x, client, id);
  CHECK(!seen.empty());
  client.close();
  raw_client back{x.port()};
  back.send(get_stream(id, seen));
  CHECK(back.receive_head().status == 200);
  CHECK(keeper.ask(session_post(id, release)).status == 202);
  CHECK(back.receive_chunk().find(R"("id":1,"result":)") != std::string::npos);
}

TEST_CASE("who comes back before the answer gets it live") {
  running_server x{fast_sweeps()};
  raw_client keeper{x.port()};
  auto id = open_session_with(keeper);
  raw_client client{x.port()};
  auto seen = open_waiting_call(x, client, id);
  client.close();
  raw_client back{x.port()};
  back.send(get_stream(id, seen));
  CHECK(back.receive_head().status == 200);
  CHECK(keeper.ask(session_post(id, release)).status == 202);
  CHECK(back.receive_chunk().find(R"("id":1,"result":)") != std::string::npos);
  CHECK(back.receive_chunk() == "");
}

TEST_CASE("a stream that is named again leaves the connection it had") {
  running_server x{fast_sweeps()};
  raw_client keeper{x.port()};
  auto id = open_session_with(keeper);
  raw_client client{x.port()};
  auto seen = open_waiting_call(x, client, id);
  raw_client back{x.port()};
  back.send(get_stream(id, seen));
  CHECK(back.receive_head().status == 200);
  CHECK(client.receive_chunk() == "");
  CHECK(keeper.ask(session_post(id, release)).status == 202);
  CHECK(back.receive_chunk().find("result") != std::string::npos);
}

TEST_CASE("events that were missed are replayed from the one that was named") {
  running_server x;
  raw_client client{x.port()};
  auto id = open_session_with(client);
  auto answer = client.ask(session_post(id, call_text("progress")));
  CHECK(is_priming(answer.body.substr(0, answer.body.find("\n\n") + 2)));
  auto first = id_of(answer.body);
  CHECK(client.ask(get_stream(id, first)).events().size() == 4);
  first.back() = '2';
  auto rest = client.ask(get_stream(id, first)).events();
  REQUIRE(rest.size() == 2);
  CHECK(rest[0].find("\"progress\":3") != std::string::npos);
}

TEST_CASE("the GET stream goes on for who comes back, and a new one takes its place") {
  running_server x;
  raw_client keeper{x.port()};
  auto id = open_session_with(keeper);
  raw_client client{x.port()};
  client.send(get_stream(id));
  client.receive_head();
  auto seen = id_of(client.receive_chunk());
  CHECK(client.receive_chunk().find("progress") != std::string::npos);
  client.close();
  raw_client back{x.port()};
  back.send(get_stream(id, seen));
  CHECK(back.receive_head().status == 200);
  CHECK(back.receive_chunk().find("progress") != std::string::npos);
  CHECK(keeper.ask(get_stream(id)).status == 409);
  back.close();
  // The server notices the end of a connection in its own time.
  for (auto tries = 0;; ++tries) {
    raw_client anew{x.port()};
    anew.send(get_stream(id));
    // The old one is closed as soon as the new one begins.
    if (anew.receive_head().status == 200) {
      CHECK(is_priming(anew.receive_chunk()));
      break;
    }
    REQUIRE(tries < 1000);
  }
  x.notes->await("closed");
}

TEST_CASE("a stream that nobody comes back to is closed, and a call's is forgotten") {
  auto settings = fast_sweeps();
  settings.resume_limit = std::chrono::milliseconds{40};
  running_server x{settings};
  raw_client keeper{x.port()};
  auto id = open_session_with(keeper);
  std::string seen;
  {
    raw_client client{x.port()};
    seen = open_waiting_call(x, client, id);
    raw_client stream{x.port()};
    stream.send(get_stream(id));
    stream.receive_head();
  }
  // Once for the call whose client left, once for the GET stream that nobody read.
  x.notes->await("closed", 2);
  // Some sweeps must pass: each of these calls lasts for more than one.
  auto other = open_session_with(keeper);
  std::vector<std::unique_ptr<raw_client>> waiting;
  for (auto i = 0; i < 10; ++i) {
    waiting.push_back(std::make_unique<raw_client>(x.port()));
    open_waiting_call(x, *waiting.back(), other);
  }
  raw_client back{x.port()};
  auto answer = back.ask(get_stream(id, seen));
  CHECK(answer.status == 400);
  CHECK(answer.body.find("forgotten") != std::string::npos);
}

TEST_CASE("a stream belongs to its session") {
  running_server x;
  raw_client client{x.port()};
  auto mine = open_session_with(client);
  auto other = open_session_with(client);
  auto seen = id_of(client.ask(session_post(mine, call_text("progress"))).body);
  CHECK(client.ask(get_stream(other, seen)).status == 400);
  CHECK(client.ask(get_stream(mine, seen)).status == 200);
}
