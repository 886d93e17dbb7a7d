#include "messages/money.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace hub;

TEST_SUITE_BEGIN("money");

namespace {

int64_t units_of(std::string_view text, int64_t unit = money::cent) {
  auto x = money::parse(text, unit);
  REQUIRE_MESSAGE(x, text);
  return x->units();
}

} // namespace

TEST_CASE("a number of cents is read exactly") {
  CHECK(units_of("0") == 0);
  CHECK(units_of("1") == 1'000'000);
  CHECK(units_of("0.1") == 100'000);
  CHECK(units_of("0.000001") == 1);
  CHECK(units_of("12.345678") == 12'345'678);
  CHECK(units_of("1e3") == 1'000'000'000);
  CHECK(units_of("12E-3") == 12'000);
  CHECK(units_of("0.005", money::dollar) == 500'000);
  CHECK(units_of("0.00000000000000000000000000000000") == 0);
  CHECK(units_of("100000000000000000000000000000000e-32") == 1'000'000);
}

TEST_CASE("what is smaller than the smallest amount is not nothing") {
  CHECK(units_of("0.0000001") == 1);
  CHECK(units_of("0.0000011") == 2);
  CHECK(units_of("1e-400") == 1);
  CHECK(units_of("1.00000000000000000000000001") == 1'000'001);
}

TEST_CASE("too much is the largest amount") {
  CHECK(units_of("1e400") == INT64_MAX);
  CHECK(units_of("99999999999999999999") == INT64_MAX);
  CHECK(units_of("9223372036854.775808") == INT64_MAX);
  CHECK(units_of("9223372036854.775806") == INT64_MAX - 1);
  auto x = money::of_units(INT64_MAX);
  CHECK(x + money::of_units(1) == x);
  CHECK(x.times(2) == x);
  CHECK(money::of_cents(INT64_MAX) == x);
}

TEST_CASE("what is no number, or less than nothing, is no money") {
  for (auto* text : {"", "-1", "a", "1.", ".5", "1e", "1e+", "1 ", " 1", "0x1", "1.5.5", "NaN", "+1"})
    CHECK_MESSAGE(!money::parse(text), text);
}

TEST_CASE("what is written is read as the same amount, whatever it is") {
  std::mt19937_64 random{4711};
  for (int i = 0; i < 20'000; ++i) {
    auto x = money::of_units(static_cast<int64_t>(random() >> (1 + random() % 62)));
    CHECK(money::parse(to_string(x)) == x);
  }
  CHECK(to_string(money{}) == "0");
  CHECK(to_string(money::of_units(500'000)) == "0.5");
  CHECK(to_string(money::of_units(1)) == "0.000001");
  CHECK(cents_text(money::of_cents(1)) == "1 cent");
  CHECK(cents_text(money::of_cents(2)) == "2 cents");
}

TEST_CASE("sums do not depend on their order, and a sum of parts is at least the whole") {
  std::mt19937_64 random{17};
  for (int round = 0; round < 2'000; ++round) {
    money forth;
    money back;
    std::vector<money> parts;
    for (int i = 0; i < 20; ++i)
      parts.push_back(money::of_units(static_cast<int64_t>(random() % 1'000'000'000)));
    for (auto x : parts)
      forth += x;
    for (auto i = parts.rbegin(); i != parts.rend(); ++i)
      back += *i;
    CHECK(forth == back);
    for (auto x : parts)
      forth -= x;
    CHECK(forth.is_none());
    auto price = money::of_units(static_cast<int64_t>(random() % 1'000'000));
    uint64_t a = random() % 10'000;
    uint64_t b = random() % 10'000;
    CHECK(price.times(a, 1000) + price.times(b, 1000) >= price.times(a + b, 1000));
    CHECK(price.times(a) + price.times(b) == price.times(a + b));
  }
  // Where floating numbers give 0.30000000000000004.
  CHECK(*money::parse("0.1") + *money::parse("0.2") == *money::parse("0.3"));
}

TEST_SUITE_END();
