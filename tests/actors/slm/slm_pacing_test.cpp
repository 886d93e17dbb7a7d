#include "actors/slm/slm_pacing.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("slm pacing");

namespace {

const write_budget::time start{100h};

slm_answer said(slm_outcome outcome, std::chrono::seconds pause = 0s, std::optional<uint32_t> left = {}) {
  slm_answer x;
  x.outcome = outcome;
  x.pause = pause;
  x.writes_left = left;
  return x;
}

tool_event_queue::call call(std::string tool, std::string session = "s", bool failed = false, int64_t ms = 10) {
  return {{std::move(tool), failed, "in", "", std::move(session), "/p"}, ms, 100};
}

/// How many writes that can wait go out in `minutes`, asked for each second.
int writes_in(write_budget& x, std::chrono::minutes minutes) {
  auto result = 0;
  for (auto now = start; now < start + minutes; now += 250ms)
    result += x.take(true, now) == 0ms ? 1 : 0;
  return result;
}

} // namespace

TEST_CASE("no more than a share of the daemon's limit is used, whatever is asked for") {
  for (uint32_t limit : {30u, 300u}) {
    write_budget x;
    x.reset(limit, start);
    CAPTURE(limit);
    auto sent = writes_in(x, 10min);
    CHECK(sent <= 10 * static_cast<int>(limit) / 2 + 20);
    CHECK(sent >= 10 * static_cast<int>(limit) / 4);
  }
  write_budget unlimited;
  unlimited.reset(0, start);
  CHECK(writes_in(unlimited, 10min) <= 1515);
}

TEST_CASE("what cannot wait finds writes left by what can") {
  write_budget x;
  x.reset(30, start);
  auto spare = 0;
  while (x.take(true, start) == 0ms)
    ++spare;
  auto urgent = 0;
  while (x.take(false, start) == 0ms)
    ++urgent;
  CHECK(spare == 5);
  CHECK(urgent == 5);
  auto pause = x.take(false, start);
  CHECK(pause > 0ms);
  CHECK(x.take(false, start + pause) == 0ms);
}

TEST_CASE("a refusal for too many writes is waited out by all") {
  write_budget x;
  x.reset(300, start);
  x.answered(said(slm_outcome::limited, 20s), start);
  CHECK(x.take(false, start) == 20s);
  CHECK(x.take(true, start + 19s) == 1s);
  CHECK(x.take(false, start + 20s) == 0ms);
}

TEST_CASE("where others have used up half of the limit, what can wait stays away for a while") {
  write_budget x;
  x.reset(300, start);
  x.answered(said(slm_outcome::done, 0s, 149), start);
  CHECK(x.take(true, start) == 10s);
  CHECK(x.take(false, start) == 0ms);
  CHECK(x.take(true, start + 10s) == 0ms);
  x.answered(said(slm_outcome::done, 0s, 150), start + 10s);
  CHECK(x.take(true, start + 10s) == 0ms);
}

TEST_CASE("a daemon that is away is looked for ever less often, up to each half minute") {
  probe_pauses x;
  std::vector<std::chrono::seconds> pauses;
  for (auto i = 0; i < 8; ++i)
    pauses.push_back(x.failed());
  CHECK(pauses == std::vector<std::chrono::seconds>{1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s});
  x.succeeded();
  CHECK(x.failed() == 1s);
}

TEST_CASE("calls of one tool with one outcome become one event while they wait") {
  tool_event_queue x;
  x.add(call("a__x", "s", false, 10), start);
  x.add(call("a__x", "s", false, 30), start + 100ms);
  x.add(call("a__x", "s", true, 5), start + 100ms);
  x.add(call("a__x", "other", false, 7), start + 100ms);
  CHECK(x.size() == 3);
  CHECK_FALSE(x.take(start + 900ms));
  CHECK(*x.due() == start + 1s);
  auto first = x.take(start + 1s);
  REQUIRE(first);
  CHECK(first->output == "ok 2 times in 40 ms, the longest 30 ms, 200 bytes");
  CHECK(first->session == "s");
  CHECK(first->project == "/p");
  CHECK_FALSE(x.take(start + 1s));
  auto second = x.take(start + 1100ms);
  REQUIRE(second);
  CHECK(second->failed);
  CHECK(second->output == "failed in 5 ms, 100 bytes");
  CHECK(x.take(start + 1100ms)->session == "other");
  CHECK_FALSE(x.due());
  // The next one is an event of its own.
  x.add(call("a__x"), start + 2s);
  CHECK(x.take(start + 3s)->output == "ok in 10 ms, 100 bytes");
}

TEST_CASE("the events of a session that has ended go at once") {
  tool_event_queue x;
  x.add(call("a__x", "one"), start);
  x.add(call("b__x", "two"), start);
  x.hurry("two");
  CHECK(*x.due() <= start);
  CHECK(x.take(start)->session == "two");
  CHECK_FALSE(x.take(start));
  x.hurry_all();
  CHECK(x.take(start)->session == "one");
}

TEST_CASE("what waits is bounded, and the oldest goes with a count") {
  tool_event_queue x;
  x.add(call("a__0"), start);
  x.add(call("a__0"), start);
  for (size_t i = 1; i <= tool_event_queue::limit; ++i)
    x.add(call("a__" + std::to_string(i)), start);
  CHECK(x.size() == tool_event_queue::limit);
  CHECK(x.dropped() == 2);
  CHECK(x.take(start + 1s)->tool == "a__1");
}

TEST_SUITE_END();
