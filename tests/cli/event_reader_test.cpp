#include "cli/event_reader.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using hub::cli::event_reader;

namespace {

struct collected_events {
  std::vector<std::string> events;
  event_reader reader{[this](std::string_view data) { events.emplace_back(data); }};
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE_FIXTURE(collected_events, "an event ends with an empty line") {
  reader.feed("data: {\"a\":1}\n");
  CHECK(events.empty());
  reader.feed("\n");
  CHECK(events == texts{"{\"a\":1}"});
}

TEST_CASE_FIXTURE(collected_events, "events come out the same however they are cut") {
  auto stream = std::string{": hello\r\nevent: message\r\ndata: one\r\n\r\ndata: two\ndata:three\nid: 7\n\ndata:  x\r\r"};
  for (size_t size = 1; size <= stream.size(); ++size) {
    events.clear();
    for (size_t at = 0; at < stream.size(); at += size)
      reader.feed(std::string_view{stream}.substr(at, size));
    CAPTURE(size);
    CHECK(events == texts{"one", "two\nthree", " x"});
  }
}

TEST_CASE_FIXTURE(collected_events, "comments and events without data are left out") {
  reader.feed(":\n\nevent: ping\n\nid: 1\nretry: 5\n\ndatas: no\n\n");
  CHECK(events.empty());
}

TEST_CASE_FIXTURE(collected_events, "an empty data line is an event with empty data") {
  reader.feed("data\n\ndata:\ndata:\n\n");
  CHECK(events == texts{"", "\n"});
}

TEST_CASE_FIXTURE(collected_events, "the id of the last complete event is known") {
  CHECK(reader.last_id() == "");
  reader.feed("id: p1-0\nretry: 1000\ndata:\n\n");
  CHECK(reader.last_id() == "p1-0");
  reader.feed("id: p1-1\ndata: x\n\ndata: y\n\nid: p1-2\n");
  CHECK(reader.last_id() == "p1-1");
}

TEST_CASE_FIXTURE(collected_events, "an event that never ends is not handed out") {
  reader.feed("data: half\n");
  CHECK(events.empty());
}
