#include "actors/catalog/spelling.hpp"
#include "actors/catalog/vocabulary.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hub;

TEST_SUITE_BEGIN("spelling");

TEST_CASE("similarity goes from nothing to all") {
  CHECK(trigrams{"forecast"}.similarity("forecast") == 1);
  CHECK(trigrams{"forecast"}.similarity("zzz") == 0);
  CHECK(trigrams{"forecast"}.similarity("") == 0);
  CHECK(trigrams{"forcast"}.similarity("forecast") > 0.5);
  CHECK(trigrams{std::string(1000, 'a')}.similarity("aaa") > 0);
  CHECK(trigrams{"aaa"}.similarity("aaaaaaaa") <= 1);
}

TEST_CASE("a vocabulary finds words, beginnings and near spellings") {
  vocabulary words{{"file", "filter", "finder", "search", "service"}};
  CHECK(words.find("filter") == 1);
  CHECK_FALSE(words.find("filt").has_value());
  CHECK_FALSE(words.find("").has_value());
  CHECK(words.with_prefix("fil") == std::pair<uint32_t, uint32_t>{0, 2});
  CHECK(words.with_prefix("") == std::pair<uint32_t, uint32_t>{0, 5});
  CHECK(words.with_prefix("z").first == words.with_prefix("z").second);
  auto near = words.misspelt("serach", 3);
  REQUIRE(near.size() == 1);
  CHECK(words.word(near[0].word) == "search");
  CHECK(words.misspelt("fle", 3).empty());
  CHECK(words.similar("researcher", 0.4, 3).size() == 1);
}

TEST_CASE("an empty vocabulary knows no word") {
  vocabulary words;
  CHECK_FALSE(words.find("a").has_value());
  CHECK(words.misspelt("anything", 3).empty());
}
