#include "server/http_request.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_CASE("a stream must be asked for by name, JSON may be asked for by wildcard") {
  auto both = parse_accept("application/json, text/event-stream");
  CHECK(both.json);
  CHECK(both.event_stream);
  auto any = parse_accept("*/*");
  CHECK(any.json);
  CHECK(!any.event_stream);
  auto stream = parse_accept(" Text/Event-Stream ; q=0.5");
  CHECK(!stream.json);
  CHECK(stream.event_stream);
  auto html = parse_accept("text/html,image/*");
  CHECK(!html.json);
  CHECK(!html.event_stream);
}

TEST_CASE("a type with weight zero is refused by the client") {
  auto x = parse_accept("application/json;q=0, text/event-stream;q=0.0, */*;q=0.1");
  CHECK(x.json);
  CHECK(!x.event_stream);
}

TEST_CASE("texts are trimmed and compared without case") {
  CHECK(trimmed(" \t a b\t ") == "a b");
  CHECK(trimmed("\t ") == "");
  CHECK(same_but_case("Mcp-NAME", "mcp-name"));
  CHECK(!same_but_case("a", "ab"));
}
