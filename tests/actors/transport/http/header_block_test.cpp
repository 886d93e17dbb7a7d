#include "actors/transport/http/header_block.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_SUITE_BEGIN("header_block");

TEST_CASE("fields are lines in their order, and are found in any case") {
  header_block x{{"Accept", "application/json"}, {"X-Empty", ""}, {"X-Team", "blue"}};
  CHECK(x.text() == "Accept: application/json\r\nX-Empty: \r\nX-Team: blue\r\n");
  CHECK(x.find("x-team") == "blue");
  CHECK(x.has("X-EMPTY"));
  CHECK(x.find("X-Empty").empty());
  CHECK_FALSE(x.has("X-Te"));
  CHECK_FALSE(x.has("X-Teams"));
  CHECK_FALSE(header_block{}.has("Accept"));
}

TEST_CASE("of two fields with one name the first is found") {
  header_block x{{"A", "1"}, {"a", "2"}};
  CHECK(x.find("a") == "1");
}

TEST_CASE("what would make two lines of one is not sent, and named") {
  for (auto bad : {"a\r\nB: c", "a\nb", "\x7F"}) {
    header_block x{{"Good", "1"}, {"X", bad}};
    CHECK(x.fault() == "X");
    CHECK(x.text() == "Good: 1\r\n");
  }
  CHECK(header_block{{"a b", "1"}}.fault() == "a b");
  CHECK(header_block{{"", "1"}}.fault() == "without a name");
  CHECK(header_block{{"X", "a\tb"}}.fault().empty());
}

TEST_CASE("how a request is sent is not for others to say") {
  header_block x{{"Host", "other"}, {"content-length", "1"}, {"Connection", "close"}, {"TRANSFER-ENCODING", "chunked"}};
  CHECK(x.text().empty());
  CHECK(x.fault().empty());
}

TEST_CASE("a block takes the fields of another one, and its fault") {
  header_block x{{"A", "1"}};
  x.add(header_block{{"B", "2"}, {"C", "\n"}});
  CHECK(x.text() == "A: 1\r\nB: 2\r\n");
  CHECK(x.fault() == "C");
}

TEST_SUITE_END();
