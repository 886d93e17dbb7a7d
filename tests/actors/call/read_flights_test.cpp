#include "actors/call/read_flights.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_SUITE_BEGIN("read_flights");

namespace {

cache_key key_of(const char* name) {
  return {sha256_of(name), sha256_of(name)};
}

} // namespace

TEST_CASE("equal reads follow the first one, others lead their own") {
  read_flights all;
  CHECK_FALSE(all.enter(key_of("a"), "s", 1));
  CHECK(all.enter(key_of("a"), "s", 2) == 1);
  CHECK_FALSE(all.enter(key_of("b"), "s", 3));
  CHECK(all.enter(key_of("a"), "s", 4) == 1);
  all.leave(1, 2);
  auto landing = all.land(1);
  CHECK(landing.followers == std::vector<call_id>{4});
  CHECK(landing.may_keep);
  CHECK_FALSE(all.enter(key_of("a"), "s", 5));
}

TEST_CASE("a write makes reads old that were begun before it") {
  read_flights all;
  all.enter(key_of("a"), "s", 1);
  all.begin_write("s");
  CHECK_FALSE(all.enter(key_of("a"), "s", 2));
  CHECK_FALSE(all.land(1).may_keep);
  CHECK(all.enter(key_of("a"), "s", 3) == 2);
  all.end_write("s");
  CHECK_FALSE(all.enter(key_of("a"), "s", 4));
  CHECK_FALSE(all.land(2).may_keep);
  CHECK(all.land(4).may_keep);
  CHECK(all.empty());
}

TEST_CASE("a read that begins and ends during a write is not kept") {
  read_flights all;
  all.begin_write("s");
  all.enter(key_of("a"), "s", 1);
  CHECK_FALSE(all.land(1).may_keep);
  all.end_write("s");
}

TEST_CASE("writes to one server do not concern another") {
  read_flights all;
  all.enter(key_of("a"), "s", 1);
  all.begin_write("t");
  CHECK(all.enter(key_of("a"), "s", 2) == 1);
  CHECK(all.land(1).may_keep);
}

TEST_CASE("only a server of which results are kept has them dropped") {
  read_flights all;
  CHECK_FALSE(all.begin_write("s"));
  all.end_write("s");
  all.keeps("s");
  CHECK(all.has_kept("s"));
  CHECK(all.begin_write("s"));
  CHECK_FALSE(all.has_kept("s"));
  all.end_write("s");
  CHECK_FALSE(all.begin_write("s"));
}

TEST_CASE("what is forgotten is not kept when it comes, and not followed") {
  read_flights all;
  all.enter(key_of("a"), "s", 1);
  all.keeps("s");
  all.forget("");
  CHECK_FALSE(all.has_kept("s"));
  CHECK_FALSE(all.enter(key_of("a"), "s", 2));
  CHECK_FALSE(all.land(1).may_keep);
}
