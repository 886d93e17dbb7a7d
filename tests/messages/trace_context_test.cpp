#include "messages/trace_context.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace hub;

TEST_SUITE_BEGIN("trace_context");

TEST_CASE("a traceparent is read and told again with the hub's own span") {
  auto x = read_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  REQUIRE(x);
  CHECK(to_string(x->trace) == "0af7651916cd43dd8448eb211c80319c");
  CHECK(span_text(x->parent) == "b7ad6b7169203331");
  CHECK(x->sampled());
  CHECK(x->call != 0);
  CHECK(x->call != x->parent);
  CHECK(traceparent_of(*x) == "00-0af7651916cd43dd8448eb211c80319c-" + span_text(x->call) + "-01");
  auto again = read_traceparent(traceparent_of(*x));
  REQUIRE(again);
  CHECK(again->trace == x->trace);
  CHECK(again->parent == x->call);
}

TEST_CASE("what nobody records stays so") {
  auto x = read_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
  REQUIRE(x);
  CHECK_FALSE(x->sampled());
  CHECK(traceparent_of(*x).ends_with("-00"));
}

TEST_CASE("a later version is read as far as it is known") {
  CHECK(read_traceparent("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-is-new"));
  CHECK(read_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  CHECK_FALSE(read_traceparent("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01what"));
  CHECK_FALSE(read_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"));
}

TEST_CASE("what is no traceparent is none") {
  for (auto* text : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                     "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                     "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                     "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                     "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                     "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                     "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333g-01",
                     "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
    CHECK_FALSE_MESSAGE(read_traceparent(text), text);
}

TEST_CASE("ids are not given twice") {
  std::set<span_id> spans;
  std::set<trace_id> traces;
  for (int i = 0; i < 10'000; ++i) {
    spans.insert(new_span_id());
    traces.insert(new_trace_id());
  }
  CHECK(spans.size() == 10'000);
  CHECK(traces.size() == 10'000);
  CHECK_FALSE(spans.contains(0));
}

TEST_CASE("only what is a header goes into one") {
  CHECK(is_header_text("a=1,b=2"));
  CHECK_FALSE(is_header_text("a=1\r\nX-Evil: 1"));
  CHECK_FALSE(is_header_text("gr\xC3\xBCn"));
}
