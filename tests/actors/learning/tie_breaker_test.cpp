#include "actors/learning/tie_breaker.hpp"

#include "actors/learning/habit_model.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("tie_breaker");

namespace {

const habit_model::time_point start{1'000'000h};

habit_name numbered(uint32_t i) {
  return {"s", "t" + std::to_string(i)};
}

uint64_t hash_of(uint32_t i) {
  auto name = numbered(i);
  return habit_tool(name.server, name.tool);
}

/// After a search for `bug`, tool `i` is called.
std::shared_ptr<const habit_table> habit_of(uint32_t i, std::string_view project = "rust") {
  habit_model model;
  for (int times = 0; times < 20; ++times) {
    model.searched("s", project, "bug", {numbered(i)}, start);
    model.called("s", "", "editor", numbered(i), true, start);
  }
  return model.table({}, start);
}

search_result found(std::vector<float> scores, search_rung rung = search_rung::words) {
  search_result result;
  for (uint32_t i = 0; i < scores.size(); ++i)
    result.hits.push_back({i, scores[i]});
  result.total = scores.size();
  result.rung = rung;
  return result;
}

std::vector<uint32_t> order(const search_result& x) {
  std::vector<uint32_t> result;
  for (auto& hit : x.hits)
    result.push_back(hit.tool);
  return result;
}

std::vector<uint32_t> arranged(search_result x, const habit_table& habits, size_t limit = 8,
                               std::string_view request = "bug", std::string_view project = "rust",
                               uint64_t previous = 0) {
  tie_breaker{habits, request, project, previous}.arrange(x, limit, hash_of);
  return order(x);
}

} // namespace

TEST_CASE("of tools that score about the same, the one that is mostly called comes first") {
  CHECK(arranged(found({10, 9.5, 9}), *habit_of(2)) == std::vector<uint32_t>{2, 0, 1});
  CHECK(arranged(found({0, 0}, search_rung::exact), *habit_of(1)) == std::vector<uint32_t>{1, 0});
}

TEST_CASE("no habit lifts a tool over one that is clearly better") {
  CHECK(arranged(found({10, 7.9f}), *habit_of(1)) == std::vector<uint32_t>{0, 1});
  CHECK(arranged(found({1000, 9}, search_rung::exact), *habit_of(1)) == std::vector<uint32_t>{0, 1});
}

TEST_CASE("a tool that is not shown yet can come in, and none is lost that was not cut off by the limit") {
  CHECK(arranged(found({10, 9.9f, 9.8f}), *habit_of(2), 2) == std::vector<uint32_t>{2, 0});
  CHECK(arranged(found({10, 9.9f, 9.8f}), *habit_of(2), 3).size() == 3);
}

TEST_CASE("other words, other projects and other requests move less or nothing") {
  CHECK(arranged(found({10, 9.9f}), *habit_of(1), 8, "weather", "rust") == std::vector<uint32_t>{1, 0});
  CHECK(arranged(found({10, 8.5f}), *habit_of(1), 8, "bug", "rust") == std::vector<uint32_t>{1, 0});
  CHECK(arranged(found({10, 8.5f}), *habit_of(1), 8, "weather", "rust") == std::vector<uint32_t>{0, 1});
  CHECK(arranged(found({10, 8.5f}), *habit_of(1, "go"), 8, "weather", "rust") == std::vector<uint32_t>{0, 1});
  CHECK(arranged(found({0, 0}, search_rung::everything), *habit_of(1)) == std::vector<uint32_t>{0, 1});
}

TEST_CASE("what was called before decides between equals") {
  habit_model model;
  for (int i = 0; i < 10; ++i) {
    model.called("s", "rust", "", numbered(7), true, start);
    model.called("s", "rust", "", numbered(1), true, start);
    model.called("s", "rust", "", numbered(8), true, start);
    model.called("s", "rust", "", numbered(0), true, start);
    model.called("s", "rust", "", numbered(9), true, start + i * 1s);
  }
  auto habits = model.table({}, start);
  CHECK(arranged(found({10, 9.9f}), *habits, 8, "bug", "rust", hash_of(7)) == std::vector<uint32_t>{1, 0});
  CHECK(arranged(found({9.9f, 10}), *habits, 8, "bug", "rust", hash_of(8)) == std::vector<uint32_t>{0, 1});
}

TEST_CASE("whatever was learnt, a tool falls three places at most, behind none that scored less than 0.8 of it") {
  std::mt19937 random{3};
  for (int round = 0; round < 300; ++round) {
    habit_model model;
    for (int i = 0; i < 60; ++i) {
      auto tool = numbered(static_cast<uint32_t>(random() % 30));
      model.searched("s", "rust", random() % 2 ? "bug" : "report bug", {tool}, start);
      model.called("s", "", "", tool, random() % 8 != 0, start);
    }
    std::vector<float> scores;
    for (int i = 0; i < 30; ++i)
      scores.push_back(static_cast<float>(random() % 1'000) / 50 + 0.1f);
    std::ranges::sort(scores, std::ranges::greater{});
    auto before = found(scores);
    auto after = arranged(before, *model.table({}, start), 30, "report a bug", "rust", hash_of(5));
    REQUIRE(after.size() == 30);
    for (size_t i = 0; i < after.size(); ++i) {
      CHECK(i <= after[i] + tie_breaker::most_moved);
      for (size_t k = i + 1; k < after.size(); ++k)
        CHECK(scores[after[i]] >= scores[after[k]] * tie_breaker::near - 0.01f);
    }
    std::ranges::sort(after);
    CHECK(after == order(before));
  }
}

TEST_CASE("the most useful tools are those that are called in such projects and by this client") {
  habit_model model;
  for (int i = 0; i < 5; ++i) {
    model.called("a", "rust", "editor", numbered(3), true, start);
    model.called("b", "go", "shell", numbered(2), true, start);
    model.called("b", "go", "shell", numbered(1), true, start);
  }
  auto habits = model.table({}, start);
  std::vector<uint64_t> all{hash_of(0), hash_of(1), hash_of(2), hash_of(3)};
  CHECK(most_useful(habits.get(), "rust", "editor", all) == std::vector<size_t>{3, 1, 2, 0});
  CHECK(most_useful(habits.get(), "", "shell", all) == std::vector<size_t>{1, 2, 3, 0});
  CHECK(most_useful(nullptr, "rust", "editor", all) == std::vector<size_t>{0, 1, 2, 3});
}

TEST_SUITE_END();
