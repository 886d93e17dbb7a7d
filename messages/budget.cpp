#include "messages/budget.hpp"

#include <chrono>
#include <cstdio>

namespace hub {

namespace {

using std::chrono::days;
using std::chrono::months;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

sys_days day_of(int64_t now) noexcept {
  return std::chrono::floor<days>(sys_seconds{seconds{now}});
}

int64_t seconds_of(sys_seconds x) noexcept {
  return x.time_since_epoch().count();
}

sys_days month_of(int64_t now) noexcept {
  year_month_day date{day_of(now)};
  return sys_days{date.year() / date.month() / 1};
}

} // namespace

std::string scope_text(const budget& x) {
  switch (x.scope) {
    case budget::kind::client:
      return "client:" + x.pattern;
    case budget::kind::project:
      return "project:" + x.pattern;
    case budget::kind::tool:
      return "tool:" + x.pattern;
    case budget::kind::session:
      return "session";
    default:
      return "global";
  }
}

std::string_view to_string(budget::period x) noexcept {
  switch (x) {
    case budget::period::call:
      return "call";
    case budget::period::hour:
      return "hour";
    case budget::period::day:
      return "day";
    case budget::period::month:
      return "month";
    default:
      return "ever";
  }
}

int64_t begin_of(budget::period per, int64_t now) noexcept {
  switch (per) {
    case budget::period::hour:
      return seconds_of(std::chrono::floor<std::chrono::hours>(sys_seconds{seconds{now}}));
    case budget::period::day:
      return seconds_of(day_of(now));
    case budget::period::month:
      return seconds_of(month_of(now));
    default:
      return 0;
  }
}

int64_t end_of(budget::period per, int64_t now) noexcept {
  switch (per) {
    case budget::period::hour:
      return begin_of(per, now) + 3'600;
    case budget::period::day:
      return begin_of(per, now) + 86'400;
    case budget::period::month:
      return seconds_of(sys_days{year_month_day{month_of(now)} + months{1}});
    default:
      return 0;
  }
}

std::string utc_text(int64_t at) {
  auto day = day_of(at);
  year_month_day date{day};
  auto minutes = (at - seconds_of(day)) / 60;
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d UTC", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(minutes / 60), static_cast<int>(minutes % 60));
  return text;
}

} // namespace hub
