#include "server/response.hpp"

#include <doctest/doctest.h>

using namespace hub;

namespace {

/// Keeps what is written, and says that some of it is still unsent.
struct recording_sink final : response_sink {
  void write_part(std::string_view head, const text_parts& body, std::string_view tail) override {
    write(head, body, tail);
  }

  void write(std::string_view head, const text_parts& body, std::string_view tail) override {
    written.append(head).append(body.to_string()).append(tail);
  }

  size_t unsent() const noexcept override {
    return pending;
  }

  void finish(bool close) override {
    ++finished;
    closed = close;
  }

  std::string written;
  size_t pending = 0;
  int finished = 0;
  bool closed = false;
};

http_request accepting(bool json, bool event_stream) {
  http_request result;
  result.accepts = {json, event_stream};
  return result;
}

text_parts text(std::string x) {
  return text_parts{json_text{std::move(x)}};
}

bool ends_with(const std::string& x, std::string_view end) {
  return std::string_view{x}.ends_with(end);
}

const std::string stream_head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                                "Transfer-Encoding: chunked\r\nCache-Control: no-cache\r\n"
                                "X-Accel-Buffering: no\r\n\r\n";

} // namespace

TEST_CASE("an answer without events is JSON") {
  recording_sink sink;
  response x{sink, accepting(true, true), {}};
  x.send_answer(404, text("{}"));
  CHECK(sink.written
        == "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  CHECK(sink.finished == 1);
  CHECK(x.ended());
}

TEST_CASE("an event turns the answer into a stream") {
  recording_sink sink;
  response x{sink, accepting(true, true), {}};
  CHECK(x.send_event(text("{\"a\":1}")));
  x.send_answer(200, text("{}"));
  CHECK(sink.written
        == stream_head + "1e\r\nevent: message\ndata: {\"a\":1}\n\n\r\n"
             + "19\r\nevent: message\ndata: {}\n\n\r\n0\r\n\r\n");
  CHECK(sink.finished == 1);
}

TEST_CASE("a client that takes JSON only gets the answer and no events") {
  recording_sink sink;
  response x{sink, accepting(true, false), {}};
  CHECK(!x.send_event(text("{}")));
  CHECK(sink.written.empty());
  x.send_answer(200, text("{}"));
  CHECK(ends_with(sink.written, "\r\n\r\n{}"));
}

TEST_CASE("a client that takes streams only gets a stream of one event") {
  recording_sink sink;
  response x{sink, accepting(false, true), {}};
  x.send_answer(200, text("{}"));
  CHECK(sink.written == stream_head + "19\r\nevent: message\ndata: {}\n\n\r\n0\r\n\r\n");
}

TEST_CASE("a text with line ends becomes several lines of one event") {
  recording_sink sink;
  response x{sink, accepting(true, true), {}};
  CHECK(x.send_event(text("{\r\n\"a\":1\n}")));
  CHECK(ends_with(sink.written, "event: message\ndata: {\ndata: \"a\":1\ndata: }\n\n\r\n"));
}

TEST_CASE("events for a reader that is too slow are dropped and answers never") {
  recording_sink sink;
  response x{sink, accepting(true, true), {}};
  CHECK(x.send_event(text("{}")));
  sink.pending = response::unsent_limit;
  auto before = sink.written.size();
  CHECK(!x.send_event(text("{}")));
  CHECK(sink.written.size() == before);
  x.send_answer(200, text("{}"));
  CHECK(sink.written.size() > before);
}

TEST_CASE("a request that was taken back ends with an empty stream, or with 202") {
  recording_sink stream;
  response{stream, accepting(true, true), {}}.send_nothing();
  CHECK(stream.written == stream_head + "0\r\n\r\n");
  recording_sink json;
  response{json, accepting(true, false), {}}.send_nothing();
  CHECK(json.written == "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("nothing is written when the client is gone or the answer was given") {
  recording_sink sink;
  response x{sink, accepting(true, true), {}};
  x.send_empty(202);
  auto before = sink.written;
  x.send_answer(200, text("{}"));
  CHECK(!x.send_event(text("{}")));
  x.send_comment();
  x.send_nothing();
  CHECK(sink.written == before);
  CHECK(sink.finished == 1);
  recording_sink gone;
  response y{gone, accepting(true, true), {}};
  y.detach();
  y.send_answer(200, text("{}"));
  CHECK(gone.written.empty());
  CHECK(gone.finished == 0);
}

TEST_CASE("the head names the session, the origin and the end of the connection") {
  recording_sink sink;
  auto request = accepting(true, true);
  request.keep_alive = false;
  response x{sink, request, "http://localhost:3"};
  x.set_session("s1");
  x.send_answer(200, text("{}"));
  CHECK(sink.written
        == "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
           "Mcp-Session-Id: s1\r\nAccess-Control-Allow-Origin: http://localhost:3\r\n"
           "Access-Control-Expose-Headers: Mcp-Session-Id\r\nVary: Origin\r\n"
           "Connection: close\r\n\r\n{}");
  CHECK(sink.closed);
}

TEST_CASE("an old client that takes no chunks gets JSON") {
  recording_sink sink;
  auto request = accepting(false, true);
  request.takes_chunks = false;
  response x{sink, request, {}};
  CHECK(!x.send_event(text("{}")));
  x.send_answer(200, text("{}"));
  CHECK(ends_with(sink.written, "\r\n\r\n{}"));
}
