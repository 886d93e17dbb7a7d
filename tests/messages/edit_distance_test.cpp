#include "messages/edit_distance.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hub;

TEST_SUITE_BEGIN("edit distance");

TEST_CASE("the edit distance counts a swap as one edit") {
  CHECK(edit_distance("search", "search", 2) == 0);
  CHECK(edit_distance("serach", "search", 2) == 1);
  CHECK(edit_distance("serch", "search", 2) == 1);
  CHECK(edit_distance("xsearchx", "search", 2) == 2);
  CHECK(edit_distance("", "ab", 2) == 2);
}

TEST_CASE("the edit distance stops at its limit") {
  CHECK(edit_distance("abcdef", "uvwxyz", 2) == 3);
  CHECK(edit_distance("a", "abcdefgh", 3) == 4);
  CHECK(edit_distance(std::string(100, 'a'), std::string(100, 'a'), 2) == 3);
}

TEST_SUITE_END();
