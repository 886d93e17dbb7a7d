#include "messages/budget.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_SUITE_BEGIN("budget");

namespace {

using period = budget::period;

/// 2024-02-29 23:59:59 UTC.
constexpr int64_t leap_day_end = 1'709'251'199;

} // namespace

TEST_CASE("periods begin and end with those of UTC") {
  CHECK(utc_text(leap_day_end) == "2024-02-29 23:59 UTC");
  CHECK(utc_text(end_of(period::hour, leap_day_end)) == "2024-03-01 00:00 UTC");
  CHECK(utc_text(begin_of(period::hour, leap_day_end)) == "2024-02-29 23:00 UTC");
  CHECK(utc_text(begin_of(period::day, leap_day_end)) == "2024-02-29 00:00 UTC");
  CHECK(utc_text(end_of(period::day, leap_day_end)) == "2024-03-01 00:00 UTC");
  CHECK(utc_text(begin_of(period::month, leap_day_end)) == "2024-02-01 00:00 UTC");
  CHECK(utc_text(end_of(period::month, leap_day_end)) == "2024-03-01 00:00 UTC");
  CHECK(utc_text(end_of(period::month, 1'735'689'599)) == "2025-01-01 00:00 UTC");
  CHECK(end_of(period::ever, leap_day_end) == 0);
  CHECK(end_of(period::call, leap_day_end) == 0);
}

TEST_CASE("the end of a period is the begin of the next one") {
  for (auto per : {period::hour, period::day, period::month})
    for (int64_t now = 0, step = 12'345; now < 2'000'000'000; now += step, step = step * 3 / 2 % 9'999'991 + 1) {
      CHECK(begin_of(per, now) <= now);
      CHECK(end_of(per, now) > now);
      CHECK(begin_of(per, end_of(per, now)) == end_of(per, now));
      CHECK(begin_of(per, end_of(per, now) - 1) == begin_of(per, now));
    }
}

TEST_SUITE_END();
