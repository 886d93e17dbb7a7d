#include "actors/call/asking_requests.hpp"
#include "actors/call/exclusive_runs.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("exclusive runs");

TEST_CASE("a run carries one call at a time, and there are only so many") {
  exclusive_runs x{{2, 256, 60s}};
  auto first = x.take("s");
  auto second = x.take("s");
  REQUIRE((first && second));
  CHECK(*first != *second);
  CHECK_FALSE(x.take("s"));
  CHECK(x.take("other"));
  x.give_back("s", *first, {});
  CHECK(x.take("s") == first);
}

TEST_CASE("a run that may still be busy is not used again") {
  exclusive_runs x{{1, 256, 60s}};
  auto first = x.take("s");
  x.discard("s", *first);
  auto second = x.take("s");
  REQUIRE(second);
  CHECK(*second != *first);
}

TEST_CASE("a run that nobody uses is taken out when its time is up") {
  exclusive_runs x{{2, 256, 60s}};
  exclusive_runs::time_point start{};
  auto used = x.take("s");
  auto idle = x.take("s");
  x.give_back("s", *idle, start);
  CHECK(x.take_idle(start + 59s).empty());
  auto gone = x.take_idle(start + 60s);
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].second == *idle);
  x.give_back("s", *used, start);
  CHECK(x.take_idle(start + 60s).size() == 1);
  CHECK(x.empty());
}

TEST_CASE("calls wait in line, up to the bound") {
  exclusive_runs x{{1, 2, 60s}};
  CHECK(x.wait("s", 1));
  CHECK(x.wait("s", 2));
  CHECK_FALSE(x.wait("s", 3));
  CHECK(x.awaited() == std::vector<std::string>{"s"});
  CHECK(x.first_waiting("s") == 1);
  x.stop_waiting("s", 1);
  CHECK(x.first_waiting("s") == 2);
  x.stop_waiting("s", 2);
  CHECK_FALSE(x.first_waiting("s"));
  CHECK(x.empty());
}

TEST_CASE("what was only suspected to ask is cleared, and what was seen to ask is not") {
  asking_requests x{2};
  x.suspect("a");
  x.clear("a");
  CHECK_FALSE(x.may_ask("a"));
  x.saw("a");
  x.suspect("a");
  x.clear("a");
  CHECK(x.may_ask("a"));
  x.suspect("b");
  x.suspect("c");
  CHECK(x.may_ask("c"));
  CHECK_FALSE(x.may_ask("a"));
}

TEST_CASE("a request is about a server, a method, and what it names") {
  json_text params{R"({"name":"t","uri":"u"})"};
  CHECK(subject_of("s", "tools/call", params) != subject_of("s", "prompts/get", params));
  CHECK(subject_of("s", "tools/call", params) == subject_of("s", "tools/call", json_text{R"({"arguments":{},"name":"t"})"}));
  CHECK(subject_of("s", "resources/read", params) != subject_of("s", "resources/read", json_text{R"({"uri":"v"})"}));
}

TEST_SUITE_END();
