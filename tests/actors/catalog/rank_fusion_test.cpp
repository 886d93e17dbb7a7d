#include "actors/catalog/rank_fusion.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_SUITE_BEGIN("rank_fusion");

namespace {

search_result found(std::vector<search_hit> hits, search_rung rung = search_rung::words) {
  search_result result;
  result.total = hits.size();
  result.hits = std::move(hits);
  result.rung = rung;
  return result;
}

std::vector<uint32_t> fused(search_result x, const std::vector<uint32_t>& others, size_t limit = 10) {
  fuse_ranks(x, others, limit);
  std::vector<uint32_t> result;
  for (auto& hit : x.hits)
    result.push_back(hit.tool);
  return result;
}

using tools = std::vector<uint32_t>;

} // namespace

TEST_CASE("what both found comes before what one found") {
  CHECK(fused(found({{1, 9}, {2, 8}, {3, 7}}), {3, 4}) == tools{3, 1, 2, 4});
}

TEST_CASE("without another list the order stays, and the limit cuts") {
  CHECK(fused(found({{1, 9}, {2, 8}, {3, 7}}), {}) == tools{1, 2, 3});
  CHECK(fused(found({{1, 9}, {2, 8}, {3, 7}}), {3}, 2) == tools{3, 1});
}

TEST_CASE("names that stand in the request stay first, in their order") {
  CHECK(fused(found({{1, 1002}, {2, 1001}, {3, 7}}, search_rung::exact), {3, 2, 4}) == tools{1, 2, 3, 4});
}

TEST_CASE("a guess gives way to what was found by meaning, and stays where nothing was") {
  auto guess = found({{1, 9}}, search_rung::spelling);
  CHECK(fused(guess, {5}) == tools{5});
  CHECK(fused(guess, {}) == tools{1});
  auto x = found({}, search_rung::nothing);
  x.nearest_servers = {1};
  fuse_ranks(x, {5, 6}, 1);
  CHECK(x.rung == search_rung::words);
  CHECK(x.total == 2);
  CHECK(x.hits.size() == 1);
  CHECK(x.nearest_servers.empty());
}

TEST_SUITE_END();
