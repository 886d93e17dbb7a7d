#include "messages/time_text.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <ctime>
#include <random>
#include <string>

using namespace hub;
using std::chrono::milliseconds;

TEST_SUITE_BEGIN("time_text");

namespace {

std::string text_of(int64_t ms) {
  std::string result = "at ";
  append_time(result, std::chrono::system_clock::time_point{milliseconds{ms}});
  return result;
}

} // namespace

TEST_CASE("a time is told in UTC with milliseconds") {
  CHECK(text_of(0) == "at 1970-01-01T00:00:00.000Z");
  CHECK(text_of(951'782'400'005) == "at 2000-02-29T00:00:00.005Z");
  CHECK(text_of(1'767'225'599'999) == "at 2025-12-31T23:59:59.999Z");
}

TEST_CASE("every time is told as the C library tells it") {
  std::mt19937_64 random{7};
  for (int i = 0; i < 2000; ++i) {
    auto ms = static_cast<int64_t>(random() % 4'102'444'800'000u);
    std::time_t seconds = ms / 1000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "at %Y-%m-%dT%H:%M:%S", &parts);
    auto told = text_of(ms);
    CHECK(told.substr(0, 22) == text);
    CHECK(std::stoi(told.substr(23, 3)) == ms % 1000);
  }
}
