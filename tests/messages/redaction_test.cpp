#include "messages/redaction.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hub;

TEST_SUITE_BEGIN("redaction");

TEST_CASE("values of secrets are masked wherever they stand") {
  redaction r;
  r.add("s3cret-token");
  CHECK(r.apply("s3cret-token") == "***");
  CHECK(r.apply("a s3cret-token, s3cret-tokens3cret-token.") == "a ***, ******.");
  CHECK(r.apply("s3cret-toke") == "s3cret-toke");
  CHECK(r.apply("") == "");
}

TEST_CASE("short values are left alone, for they are common words") {
  redaction r;
  r.add("");
  r.add("debug");
  CHECK(r.apply("debug it") == "debug it");
}

TEST_CASE("of two values that begin alike the longer one is masked whole") {
  redaction r;
  r.add("secret");
  r.add("secret-and-more");
  r.add("secret-");
  CHECK(r.apply("secret-and-more secret-x secret") == "*** ***x ***");
}

TEST_CASE("the number of values is bounded") {
  redaction r;
  for (size_t i = 0; i < redaction::limit + 10; ++i)
    r.add("value-" + std::to_string(10'000 + i));
  CHECK(r.apply("value-10000") == "***");
  CHECK(r.apply("value-" + std::to_string(10'000 + redaction::limit + 5)) != "***");
}

TEST_SUITE_END();
