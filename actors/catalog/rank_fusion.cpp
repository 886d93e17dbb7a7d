#include "actors/catalog/rank_fusion.hpp"

#include <algorithm>

namespace hub {

namespace {

/// After Cormack, Clarke and Buettcher, SIGIR 2009, where it is 60: with as much, what both found somewhere
/// passes what one of them found first.
constexpr double damping = 10;

/// What a place in the other list counts, of one among the hits, which are better by themselves.
constexpr double other_voice = 0.5;

/// Scores of names that stand in the request, see `search_index`.
constexpr float exact_score = 1000;

} // namespace

void fuse_ranks(search_result& result, const std::vector<uint32_t>& others, size_t limit) {
  auto by_words = result.rung == search_rung::exact || result.rung == search_rung::words;
  // A guess by spelling or by a server's name is worth less than what was found by meaning.
  if (!by_words && !others.empty()) {
    result.hits.clear();
    result.total = 0;
    result.nearest_servers.clear();
    result.rung = search_rung::words;
  }
  struct candidate {
    search_hit hit;
    bool exact;
    double worth;
  };
  std::vector<candidate> all;
  for (size_t i = 0; i < result.hits.size(); ++i)
    all.push_back({result.hits[i], result.hits[i].score >= exact_score, 1 / (damping + static_cast<double>(i + 1))});
  for (size_t i = 0; i < others.size(); ++i) {
    auto worth = other_voice / (damping + static_cast<double>(i + 1));
    auto known = std::ranges::find(all, others[i], [](auto& x) { return x.hit.tool; });
    if (known != all.end()) {
      known->worth += worth;
    } else {
      all.push_back({{others[i], 0}, false, worth});
      ++result.total;
    }
  }
  if (!others.empty())
    std::ranges::stable_sort(all, [](const candidate& a, const candidate& b) {
      return a.exact != b.exact ? a.exact : !a.exact && a.worth > b.worth;
    });
  result.hits.clear();
  for (auto& x : all)
    if (result.hits.size() < limit)
      result.hits.push_back(x.hit);
  result.total = std::max(result.total, result.hits.size());
}

} // namespace hub
