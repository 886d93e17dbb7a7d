#include "server/request_reader.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hub;
using state = request_reader::state;

namespace {

constexpr size_t limit = 1000;

const std::string post = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                         "Accept: application/json\r\nACCEPT: text/event-stream\r\n"
                         "mcp-session-id:  s1 \r\nContent-Length: 4\r\n\r\nbody";

std::string with(std::string_view headers, std::string_view body = {}) {
  return "POST /mcp HTTP/1.1\r\nHost: a\r\n" + std::string{headers} + "\r\n" + std::string{body};
}

} // namespace

TEST_CASE("a request is read whole") {
  request_reader reader{limit};
  REQUIRE(reader.feed(post) == state::complete);
  auto& request = reader.request();
  CHECK(request.method == http_method::post);
  CHECK(request.target == "/mcp");
  CHECK(request.host == "localhost");
  CHECK(request.content_type == "application/json");
  CHECK(request.accepts.json);
  CHECK(request.accepts.event_stream);
  CHECK(request.session_id == "s1");
  CHECK(request.body.view() == "body");
  CHECK(request.keep_alive);
  CHECK(request.takes_chunks);
  CHECK(reader.next() == state::idle);
}

TEST_CASE("a request is read byte by byte") {
  request_reader reader{limit};
  for (size_t i = 0; i + 1 < post.size(); ++i)
    CHECK(reader.feed({&post[i], 1}) < state::complete);
  REQUIRE(reader.feed({&post.back(), 1}) == state::complete);
  CHECK(reader.request().body.view() == "body");
}

TEST_CASE("requests that come together are read one after the other") {
  request_reader reader{limit};
  CHECK(reader.feed(post + post + post.substr(0, 30)) == state::complete);
  CHECK(reader.next() == state::complete);
  CHECK(reader.request().session_id == "s1");
  CHECK(reader.next() == state::header);
  CHECK(reader.feed(post.substr(30)) == state::complete);
  CHECK(reader.next() == state::idle);
}

TEST_CASE("a body in chunks is put together, and its trailers are not taken for headers") {
  request_reader reader{limit};
  CHECK(reader.feed(with("Transfer-Encoding: chunked\r\n",
                         "2\r\nab\r\n3;x=y\r\ncde\r\n0\r\nMcp-Session-Id: evil\r\n\r\n"))
        == state::complete);
  CHECK(reader.request().body.view() == "abcde");
  CHECK(reader.request().session_id == "");
}

TEST_CASE("two lengths for one body are refused") {
  for (auto headers :
       {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n", "Content-Length: -1\r\n",
        "Content-Length: 4, 5\r\n", "Content-Length: 99999999999999999999999\r\n"}) {
    request_reader reader{limit};
    CHECK(reader.feed(with(headers, "body")) == state::refused);
    CHECK(reader.refusal().status == 400);
  }
}

TEST_CASE("a transfer coding besides chunked is refused, since it does not say where the body ends") {
  for (auto headers : {"Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: identity\r\n", "Transfer-Encoding: gzip, chunked\r\n",
                       "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "Transfer-Encoding: \r\n"}) {
    request_reader reader{limit};
    CHECK(reader.feed(with(headers, "0\r\n\r\n")) == state::refused);
    CHECK(reader.refusal().status == 400);
  }
  request_reader reader{limit};
  CHECK(reader.feed(with("transfer-encoding: Chunked\r\n", "0\r\n\r\n")) == state::complete);
}

TEST_CASE("a header that may be there once is refused when it is there twice") {
  for (auto headers : {"Host: b\r\n", "Mcp-Name: a\r\nmcp-name: b\r\n", "Origin: a\r\nOrigin: a\r\n",
                       "Mcp-Session-Id:\r\nMcp-Session-Id: a\r\n",
                       "Content-Type: a\r\nContent-Type: b\r\n"}) {
    request_reader reader{limit};
    CHECK(reader.feed(with(headers)) == state::refused);
    CHECK(reader.refusal().status == 400);
  }
}

TEST_CASE("a body over the limit is refused before it is read") {
  request_reader reader{limit};
  CHECK(reader.feed(with("Content-Length: 1001\r\n")) == state::refused);
  CHECK(reader.refusal().status == 413);
  CHECK(reader.refusal().why.find("1000") != std::string::npos);
  request_reader chunked{limit};
  CHECK(chunked.feed(with("Transfer-Encoding: chunked\r\n", "fff\r\n")) == state::refused);
  CHECK(chunked.refusal().status == 413);
}

TEST_CASE("headers over the limit are refused") {
  request_reader reader{limit};
  CHECK(reader.feed(with("X: " + std::string(40'000, 'x') + "\r\n")) == state::refused);
  CHECK(reader.refusal().status == 431);
  request_reader slow{limit};
  auto result = slow.feed("POST /mcp HTTP/1.1\r\nX: ");
  for (auto i = 0; i < 40'000 && result != state::refused; i += 100)
    result = slow.feed(std::string(100, 'x'));
  CHECK(slow.refusal().status == 431);
}

TEST_CASE("an endless chunk header is refused") {
  request_reader reader{limit};
  auto result = reader.feed(with("Transfer-Encoding: chunked\r\n", "1;"));
  for (auto i = 0; i < 40'000 && result != state::refused; i += 100)
    result = reader.feed(std::string(100, 'x'));
  CHECK(result == state::refused);
}

TEST_CASE("what is no HTTP is refused") {
  for (auto text : {"hello\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
                    "\x16\x03\x01\x02\x03\x04\r\n\r\n", "GET / HTTP/1.1\r\n bad: x\r\n\r\n",
                    "GET / HTTP/1.1\r\nA B: x\r\nHost: a\r\n\r\n"}) {
    request_reader reader{limit};
    CHECK(reader.feed(text) == state::refused);
    CHECK(reader.refusal().status == 400);
  }
}

TEST_CASE("a request of HTTP/1.1 must name its host") {
  request_reader reader{limit};
  CHECK(reader.feed("GET / HTTP/1.1\r\n\r\n") == state::refused);
  request_reader old{limit};
  CHECK(old.feed("GET / HTTP/1.0\r\n\r\n") == state::complete);
  CHECK(!old.request().keep_alive);
  CHECK(!old.request().takes_chunks);
}

TEST_CASE("a client that waits for a word before the body gets it once") {
  request_reader reader{limit};
  CHECK(reader.feed(with("Expect: 100-continue\r\nContent-Length: 4\r\n")) == state::body);
  CHECK(reader.wants_continue());
  CHECK(!reader.wants_continue());
  CHECK(reader.feed("body") == state::complete);
}

TEST_CASE("empty lines before a request are skipped") {
  request_reader reader{limit};
  CHECK(reader.feed("\r\n\r\n") == state::idle);
  CHECK(reader.feed(post) == state::complete);
  request_reader in_pieces{limit};
  for (auto piece : {"\r", "\n", "\r", "\n\r"})
    CHECK(in_pieces.feed(piece) == state::idle);
  CHECK(in_pieces.feed("\n" + std::string{post}) == state::complete);
}
