#include "actors/learning/tie_breaker.hpp"

#include "actors/catalog/text_analysis.hpp"
#include "actors/learning/habit_model.hpp"

#include <algorithm>
#include <numeric>

namespace hub {

namespace {

/// What was learnt in other kinds of projects counts for less.
constexpr double elsewhere = 0.25;

/// So many calls speak as loudly as the share says half.
constexpr double word_doubt = 1;
constexpr double next_doubt = 2;
constexpr double use_doubt = 4;

/// How much each may say at most.
constexpr double word_voice = 0.9;
constexpr double next_voice = 0.6;
constexpr double use_voice = 0.3;

/// Above everything that words score: the name of the tool stood in the request.
constexpr double exact_score = 1000;

} // namespace

tie_breaker::tie_breaker(const habit_table& habits, std::string_view request, std::string_view project,
                         uint64_t previous) {
  if (habits.empty())
    return;
  auto add = [&](std::vector<source>& to, habit_kind what, std::string_view of) {
    if (!project.empty())
      if (auto found = habits.find(habit_context(what, project, of)); !found.tools.empty())
        to.push_back({found, 1});
    if (auto found = habits.find(habit_context(what, "", of)); !found.tools.empty())
      to.push_back({found, project.empty() ? 1 : elsewhere});
  };
  auto words = terms_of(utf8_prefix(request, 1024));
  std::ranges::sort(words);
  auto [first, last] = std::ranges::unique(words);
  words.erase(first, last);
  words.resize(std::min(words.size(), habit_model::most_words));
  word_count_ = words.size();
  for (auto& word : words) {
    std::vector<source> sources;
    add(sources, habit_kind::word, word);
    if (!sources.empty())
      words_.push_back(std::move(sources));
  }
  add(use_, habit_kind::use, "");
  if (previous == 0)
    return;
  // The name of the context is that of the tool, of which only the hash is known here.
  if (!project.empty())
    if (auto found = habits.find(habit_next(project, previous)); !found.tools.empty())
      next_.push_back({found, 1});
  if (auto found = habits.find(habit_next("", previous)); !found.tools.empty())
    next_.push_back({found, project.empty() ? 1 : elsewhere});
}

double tie_breaker::share(const std::vector<source>& sources, uint64_t tool, double doubt) noexcept {
  double mine = 0;
  double all = doubt;
  for (auto& x : sources) {
    mine += x.weight * static_cast<double>(x.found.weight_of(tool));
    all += x.weight * static_cast<double>(x.found.sum);
  }
  return mine / all;
}

double tie_breaker::favour(uint64_t tool) const noexcept {
  double words = 0;
  for (auto& sources : words_)
    words += share(sources, tool, word_doubt);
  words /= std::max<double>(1, static_cast<double>(word_count_));
  auto next = share(next_, tool, next_doubt);
  // Of many tools that are used all the time, each has a small share.
  double used = 0;
  for (auto& x : use_)
    used += x.weight * static_cast<double>(x.found.weight_of(tool));
  used /= used + use_doubt;
  return 1 - (1 - word_voice * words) * (1 - next_voice * next) * (1 - use_voice * used);
}

void tie_breaker::arrange(search_result& result, size_t limit, const std::function<uint64_t(uint32_t)>& tool_of) const {
  auto& hits = result.hits;
  auto ranked = result.rung == search_rung::exact || result.rung == search_rung::words || result.rung == search_rung::spelling;
  if (ranked && !empty()) {
    struct moved {
      size_t from;
      double favour;
    };
    std::vector<moved> up;
    for (size_t i = 0; i < hits.size(); ++i)
      if (auto x = favour(tool_of(hits[i].tool)); x > 0)
        up.push_back({i, x});
    auto most = std::min(up.size(), most_moved);
    std::ranges::partial_sort(up, up.begin() + static_cast<ptrdiff_t>(most), std::ranges::greater{}, &moved::favour);
    up.resize(most);
    // A name that stands in the request is never passed by one that does not.
    auto is_exact = [](const search_hit& x) { return static_cast<double>(x.score) >= exact_score; };
    auto score = [&](size_t i) {
      auto base = static_cast<double>(hits[i].score) - (is_exact(hits[i]) ? exact_score : 0);
      auto found = std::ranges::find(up, i, &moved::from);
      return found == up.end() ? base : base * (1 + (1 / near - 1) * found->favour) + 1e-3 * found->favour;
    };
    struct place {
      size_t from;
      bool exact;
      double score;
    };
    std::vector<place> order;
    for (size_t i = 0; i < hits.size(); ++i)
      order.push_back({i, is_exact(hits[i]), score(i)});
    std::ranges::stable_sort(order, [](const place& a, const place& b) {
      return a.exact != b.exact ? a.exact : a.score > b.score;
    });
    std::vector<search_hit> arranged;
    for (auto& x : order)
      arranged.push_back(hits[x.from]);
    hits = std::move(arranged);
  }
  hits.resize(std::min(hits.size(), limit));
}

std::vector<size_t> most_useful(const habit_table* habits, std::string_view project, std::string_view client,
                                const std::vector<uint64_t>& candidates) {
  std::vector<size_t> result(candidates.size());
  std::iota(result.begin(), result.end(), size_t{0});
  if (!habits || habits->empty())
    return result;
  auto everywhere = habits->find(habit_context(habit_kind::use, "", ""));
  auto here = project.empty() ? habit_table::found{} : habits->find(habit_context(habit_kind::use, project, ""));
  auto mine = client.empty() ? habit_table::found{} : habits->find(habit_context(habit_kind::client, "", client));
  std::vector<double> worth;
  for (auto tool : candidates)
    worth.push_back(static_cast<double>(here.weight_of(tool)) + static_cast<double>(mine.weight_of(tool)) / 2
                    + elsewhere * static_cast<double>(everywhere.weight_of(tool)));
  std::ranges::stable_sort(result, std::ranges::greater{}, [&](size_t i) { return worth[i]; });
  return result;
}

} // namespace hub
