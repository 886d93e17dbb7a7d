#include "server/rate_limiter.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("rate limiter");

TEST_CASE("a client may send its burst, and then as many as its rate lets it") {
  rate_limiter limits{{10, 3}};
  rate_limiter::time_point now{};
  for (int i = 0; i < 3; ++i)
    CHECK_FALSE(limits.take("ada", now));
  CHECK(limits.take("ada", now) == 100ms);
  CHECK(limits.take("ada", now + 40ms) == 60ms);
  CHECK_FALSE(limits.take("ada", now + 100ms));
  CHECK(limits.take("ada", now + 100ms) == 100ms);
  // What is saved up is no more than the burst.
  for (int i = 0; i < 3; ++i)
    CHECK_FALSE(limits.take("ada", now + 1h));
  CHECK(limits.take("ada", now + 1h));
}

TEST_CASE("one client's requests cost no other any") {
  rate_limiter limits{{1, 1}};
  rate_limiter::time_point now{};
  CHECK_FALSE(limits.take("ada", now));
  CHECK(limits.take("ada", now));
  CHECK_FALSE(limits.take("bob", now));
}

TEST_CASE("with more clients than can be remembered, those at rest are forgotten first") {
  rate_limiter limits{{1, 1}};
  rate_limiter::time_point now{};
  for (size_t i = 0; i < rate_limiter::capacity; ++i)
    CHECK_FALSE(limits.take(std::to_string(i), now));
  CHECK_FALSE(limits.take("late", now + 500ms));
  CHECK_FALSE(limits.take("later", now + 10s));
  CHECK(limits.take("later", now + 10s));
}

TEST_CASE("without a rate there is no bound") {
  CHECK_FALSE(rate_limiter{{}}.bounds());
}
