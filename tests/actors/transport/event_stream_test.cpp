#include "actors/transport/event_stream.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace hub;

TEST_SUITE_BEGIN("event_stream");

namespace {

using texts = std::vector<std::string>;

/// Each event as `type=data`.
texts events_of(event_stream_parser& parser, const texts& chunks) {
  std::vector<arrived_event> events;
  for (auto& chunk : chunks)
    REQUIRE(parser.feed(chunk, events));
  texts result;
  for (auto& x : events)
    result.push_back(x.type + "=" + x.data);
  return result;
}

texts events_of(const texts& chunks) {
  event_stream_parser parser{1 << 20};
  return events_of(parser, chunks);
}

} // namespace

TEST_CASE("events end with an empty line, whatever ends their lines") {
  CHECK(events_of({"data: a\n\ndata:b\r\n\r\nevent: x\rdata:  c\r\r"}) == texts{"message=a", "message=b", "x= c"});
}

TEST_CASE("lines of data are joined, comments and unknown fields left out") {
  CHECK(events_of({": ping\ndata: {\ndata:\ndata: }\nfoo: bar\nfoo\n\n"}) == texts{"message={\n\n}"});
}

TEST_CASE("a byte order mark at the beginning does not count") {
  CHECK(events_of({"\xEF\xBB\xBF" "data: a\n\n\xEF\xBB\xBF" "data: b\n\n"}) == texts{"message=a"});
}

TEST_CASE("bytes may come in any pieces") {
  std::string whole = "event: m\r\nid: 7\r\ndata: one\r\ndata: two\r\n\r\n: c\n\ndata: three\n\n";
  auto at_once = events_of({whole});
  CHECK(at_once == texts{"m=one\ntwo", "message=three"});
  for (size_t cut = 1; cut < whole.size(); ++cut)
    CHECK(events_of({whole.substr(0, cut), whole.substr(cut)}) == at_once);
}

TEST_CASE("an event without its empty line is none") {
  CHECK(events_of({"data: a\n\ndata: b\n"}) == texts{"message=a"});
}

TEST_CASE("an event without data is none, but its id and the pause count") {
  event_stream_parser parser{1 << 20};
  CHECK(events_of(parser, {"retry: 250\nid: 4\ndata:\n\n"}).empty());
  CHECK(parser.last_id() == "4");
  CHECK(parser.retry() == std::chrono::milliseconds{250});
  CHECK(events_of(parser, {"id: 5\ndata: x\n"}).empty());
  CHECK(parser.last_id() == "4");
  parser.restart();
  CHECK(events_of(parser, {"data: y\n\n"}) == texts{"message=y"});
  CHECK(parser.last_id() == "4");
}

TEST_CASE("an id with a zero byte and a pause that is no number do not count") {
  event_stream_parser parser{1 << 20};
  events_of(parser, {"id: 1\n\n", std::string{"id: 2\0x\nretry: 1s\n\n", 18}});
  CHECK(parser.last_id() == "1");
  CHECK_FALSE(parser.retry());
  events_of(parser, {"retry: 99999999999999999999\n\n"});
  CHECK(parser.retry() == std::chrono::hours{1});
}

TEST_CASE("an event over the bound is refused, in one line or in many") {
  std::vector<arrived_event> events;
  event_stream_parser one{100};
  CHECK_FALSE(one.feed("data: " + std::string(200, 'x'), events));
  event_stream_parser many{100};
  auto fits = true;
  for (int i = 0; i < 30 && fits; ++i)
    fits = many.feed("data: 1234567890\n", events);
  CHECK_FALSE(fits);
  CHECK(events.empty());
}
