#include "server/exchange_table.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace hub;

TEST_CASE("an exchange is found until it is over") {
  exchange_table<int> table{3};
  auto id = table.insert(std::make_shared<int>(7));
  CHECK((id >> 56) == 3);
  REQUIRE(table.find(id));
  CHECK(*table.find(id) == 7);
  CHECK(*table.erase(id) == 7);
  CHECK(!table.find(id));
  CHECK(!table.erase(id));
  CHECK(!table.find(0));
  CHECK(table.size() == 0);
}

TEST_CASE("an id is never used twice") {
  exchange_table<int> table{0};
  std::set<exchange_id> seen;
  for (auto i = 0; i < 10'000; ++i) {
    auto id = table.insert(std::make_shared<int>(i));
    CHECK(id != 0);
    CHECK(seen.insert(id).second);
    table.erase(id);
  }
}

TEST_CASE("a table that is full takes no more until one is over") {
  exchange_table<int> table{1};
  auto x = std::make_shared<int>(0);
  auto first = table.insert(x);
  for (size_t i = 1; i < exchange_table<int>::capacity; ++i)
    table.insert(x);
  CHECK(table.size() == exchange_table<int>::capacity);
  CHECK(table.insert(x) == 0);
  table.erase(first);
  CHECK(table.insert(x) != 0);
}
