#include "actors/slm/tool_reports.hpp"

#include "messages/rpc/json_scan.hpp"
#include "tests/actors/slm/fake_daemon.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("slm tool reports");

namespace {

const tool_reports::time start{100h};

std::string field(const std::optional<slm_request>& x, std::string_view key) {
  REQUIRE(x);
  return rpc::unquote(rpc::member(x->body, key)).value_or("?");
}

} // namespace

TEST_CASE("a call is told with its session, project, outcome and duration, and without its words") {
  tool_reports x{{}};
  x.add(record_of("search"), start);
  CHECK_FALSE(x.next(start, true));
  auto event = x.next(start + 1s, true);
  CHECK(field(event, "tool_name") == "github__search");
  CHECK(field(event, "event_type") == "complete");
  CHECK(field(event, "session_id") == "s1");
  CHECK(field(event, "project_path") == "/srv/alpha");
  CHECK(field(event, "output_summary") == "ok in 42 ms, 10 bytes");
  CHECK(field(event, "input_summary") == "q: 13 bytes of text");
}

TEST_CASE("what reached no tool is not told, and neither are the memory's own tools") {
  tool_reports x{{}};
  x.add(record_of("a", "s", call_outcome::denied), start);
  x.add(record_of("a", "s", call_outcome::cancelled), start);
  auto read = record_of("a");
  read.method = "resources/read";
  x.add(read, start);
  auto own = record_of("remember");
  own.server = "superlocalmemory";
  x.add(own, start);
  CHECK(x.waiting() == 0);
  for (auto outcome : {call_outcome::tool_error, call_outcome::error, call_outcome::failed}) {
    x.add(record_of("a", "s", outcome), start);
    CHECK(field(x.next(start + 1s, true), "event_type") == "error");
  }
}

TEST_CASE("the end of a session is told behind its events: a summary, and then the end itself") {
  tool_reports x{{}};
  x.add(record_of("search"), start);
  x.add(record_of("search"), start);
  x.add(record_of("read", "s1", call_outcome::error), start);
  x.end_session("s1", 90s);
  CHECK(*x.due() == tool_reports::time::min());
  CHECK(field(x.next(start, true), "tool_name") == "github__search");
  CHECK(field(x.next(start, true), "tool_name") == "github__read");
  auto summary = x.next(start, true);
  CHECK(field(summary, "tool_name") == "hub__session");
  CHECK(field(summary, "output_summary") == "3 calls, 1 failed: github__search 2, github__read 1");
  CHECK(field(summary, "project_path") == "/srv/alpha");
  auto end = x.next(start, true);
  REQUIRE(end);
  CHECK(end->target == "/session/close");
  CHECK(end->body == R"({"session_id":"s1"})");
  CHECK_FALSE(x.next(start, true));
  CHECK_FALSE(x.due());
}

TEST_CASE("a release that closes no sessions is told the summary alone, and a session without calls not at all") {
  tool_reports x{{}};
  x.end_session("never", 1s);
  CHECK(x.waiting() == 0);
  x.add(record_of("search"), start);
  x.end_session("s1", 1s);
  CHECK(x.next(start, false)->target == "/api/v3/tool-event");
  CHECK(field(x.next(start, false), "tool_name") == "hub__session");
  CHECK_FALSE(x.next(start, false));
}

TEST_CASE("ends that wait are bounded") {
  tool_reports x{{}};
  for (size_t i = 0; i < tool_reports::closings_max + 10; ++i) {
    auto session = "s" + std::to_string(i);
    x.add(record_of("a", session), start);
    x.end_session(session, 1s);
  }
  CHECK(x.waiting() <= tool_reports::closings_max + tool_event_queue::limit);
  CHECK(x.dropped() == 20);
}

TEST_CASE("stateless clients are told by their door") {
  call_origin origin;
  origin.door = "g/dev";
  CHECK(session_name(&origin) == "stateless:g/dev");
  CHECK(session_name(nullptr) == "stateless");
  origin.session = "mark";
  CHECK(session_name(&origin) == "mark");
}

TEST_SUITE_END();
