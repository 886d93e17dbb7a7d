#include "actors/catalog/search_index.hpp"

#include "actors/catalog/index_builder.hpp"
#include "actors/catalog/name_hash.hpp"
#include "actors/catalog/search_query.hpp"
#include "actors/catalog/spelling.hpp"
#include "actors/catalog/text_analysis.hpp"
#include "messages/glob.hpp"

#include <algorithm>

namespace hub {

namespace {

/// How much the best server adds to the score of its tools.
constexpr float server_evidence = 0.4f;

/// Above everything that words can score.
constexpr float exact_score = 1000;

/// Names nearer than this are worth showing the tools of.
constexpr double near_enough = 0.5;

constexpr size_t nearest_server_limit = 3;

/// How many words of a request are compared with the names of servers.
constexpr size_t near_word_limit = 16;

/// Nobody says more in one request; what says more shall not take longer.
constexpr size_t request_size_limit = 4096;

/// Sums up what the words of a request are worth in each document.
std::vector<float> scores_of(const std::vector<query_word>& words, const term_postings& postings, size_t documents) {
  std::vector<float> result(documents);
  for (auto& x : words) {
    // A rare synonym of a common word is no better evidence than that word.
    auto rarity = std::min(postings.rarity(x.word), postings.rarity(x.stands_for));
    postings.score(x.word, x.weight * rarity, result);
  }
  return result;
}

bool is_guessed(const std::vector<query_word>& words) {
  return std::all_of(words.begin(), words.end(),
                     [](const query_word& x) { return x.from == query_word::origin::spelling; });
}

bool ranks_before(const search_hit& a, const search_hit& b) {
  return a.score != b.score ? a.score > b.score : a.tool < b.tool;
}

/// The part of `request` that may be the name of a tool, word by word.
template <class F>
void for_each_name_in(std::string_view request, F&& f) {
  constexpr std::string_view spaces = " \t\r\n,;";
  for (auto rest = request; !rest.empty();) {
    auto word = rest.substr(0, rest.find_first_of(spaces));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    auto is_name = word.find_first_of("_-./:") != std::string_view::npos
                   || (word.size() > 1 && to_lower(word.substr(1)) != word.substr(1));
    if (is_name)
      f(word);
  }
}

} // namespace

search_index::search_index(std::span<const server_document> servers, std::span<const tool_document> tools) {
  tools = tools.first(std::min<size_t>(tools.size(), term_postings::document_limit));
  index_builder builder{servers};
  for (auto& tool : tools)
    builder.add(tool);
  builder.finish(words_, in_tools_, in_servers_);
  for (auto& server : servers)
    server_names_.emplace_back(server.name);
  server_of_.reserve(tools.size());
  names_.reserve(tools.size() * 2);
  for (uint32_t i = 0; i < tools.size(); ++i) {
    server_of_.push_back(tools[i].server);
    add_name(tools[i].name, i);
    add_name(tools[i].exposed_name, i);
    auto spelt_out = std::string{servers[tools[i].server].name} + '_' + std::string{tools[i].name};
    if (identifier_key(spelt_out) != identifier_key(tools[i].exposed_name))
      add_name(spelt_out, i);
  }
  names_.shrink_to_fit();
  std::sort(names_.begin(), names_.end(),
            [](const named_tool& a, const named_tool& b) { return a.key != b.key ? a.key < b.key : a.tool < b.tool; });
}

void search_index::add_name(std::string_view name, uint32_t tool) {
  auto key = identifier_key(name);
  if (!key.empty())
    names_.push_back({name_hash(key), tool});
}

std::vector<uint32_t> search_index::find_names(std::string_view request) const {
  std::vector<uint32_t> result;
  auto find = [&](std::string_view name) {
    auto key = identifier_key(name);
    if (key.empty())
      return;
    auto hash = name_hash(key);
    auto i = std::lower_bound(names_.begin(), names_.end(), hash,
                              [](const named_tool& x, uint64_t wanted) { return x.key < wanted; });
    for (; i != names_.end() && i->key == hash; ++i)
      result.push_back(i->tool);
  };
  find(request);
  if (result.empty())
    for_each_name_in(request, find);
  return result;
}

std::vector<bool> search_index::servers_like(std::string_view pattern) const {
  std::vector<bool> result;
  if (pattern.empty())
    return result;
  auto wanted = to_lower(pattern);
  auto is_pattern = wanted.find_first_of("*?") != std::string::npos;
  for (auto& name : server_names_)
    result.push_back(matches_pattern(to_lower(name), wanted)
                     || (!is_pattern && identifier_key(name) == identifier_key(wanted)));
  return result;
}

std::vector<search_index::near_server> search_index::servers_near(std::string_view text) const {
  std::vector<trigrams> wanted;
  auto terms = terms_of(text);
  terms.resize(std::min(terms.size(), near_word_limit));
  for (auto& term : terms)
    wanted.emplace_back(term);
  wanted.emplace_back(identifier_key(text));
  std::vector<near_server> result;
  for (uint32_t i = 0; i < server_names_.size(); ++i) {
    auto names = terms_of(server_names_[i]);
    names.push_back(identifier_key(server_names_[i]));
    double best = 0;
    for (auto& a : wanted)
      for (auto& b : names)
        best = std::max(best, a.similarity(b));
    if (best > 0)
      result.push_back({i, best});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const near_server& a, const near_server& b) { return a.similarity > b.similarity; });
  result.resize(std::min(result.size(), nearest_server_limit));
  return result;
}

search_result search_index::search(std::string_view request, const search_options& options) const {
  search_result result;
  request = utf8_prefix(request, request_size_limit);
  auto allowed = servers_like(utf8_prefix(options.server, request_size_limit));
  auto is_allowed = [&](uint32_t tool) { return allowed.empty() || allowed[server_of_[tool]]; };
  auto take_all = [&](search_rung rung, auto&& is_hit) {
    for (uint32_t i = 0; i < tool_count(); ++i) {
      if (!is_allowed(i) || !is_hit(i))
        continue;
      ++result.total;
      if (result.hits.size() < options.limit)
        result.hits.push_back({i, 0});
    }
    result.rung = result.total == 0 ? search_rung::nothing : rung;
  };
  if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), true) == allowed.end()) {
    for (auto& x : servers_near(options.server))
      result.nearest_servers.push_back(x.server);
    return result;
  }
  if (identifier_key(request).empty()) {
    take_all(search_rung::everything, [](uint32_t) { return true; });
    return result;
  }
  auto rank = [&](const std::vector<query_word>& words) {
    auto scores = scores_of(words, in_tools_, tool_count());
    auto servers = scores_of(words, in_servers_, server_names_.size());
    auto best_server = servers.empty() ? 0 : *std::max_element(servers.begin(), servers.end());
    auto best_tool = scores.empty() ? 0 : *std::max_element(scores.begin(), scores.end());
    auto evidence = best_server > 0 ? server_evidence * best_tool / best_server : 0;
    for (uint32_t i = 0; i < scores.size(); ++i)
      if (scores[i] > 0 && is_allowed(i))
        result.hits.push_back({i, scores[i] + evidence * servers[server_of_[i]]});
    result.rung = is_guessed(words) ? search_rung::spelling : search_rung::words;
  };
  rank(read_query(request, words_));
  for (auto tool : find_names(request)) {
    if (!is_allowed(tool))
      continue;
    auto hit = std::find_if(result.hits.begin(), result.hits.end(), [&](auto& x) { return x.tool == tool; });
    if (hit == result.hits.end())
      result.hits.push_back({tool, exact_score});
    else if (hit->score < exact_score)
      hit->score += exact_score;
    result.rung = search_rung::exact;
  }
  if (result.hits.empty())
    rank(guess_query(request, words_));
  result.total = result.hits.size();
  auto shown = std::min(options.limit, result.total);
  std::partial_sort(result.hits.begin(), result.hits.begin() + static_cast<ptrdiff_t>(shown), result.hits.end(),
                    ranks_before);
  result.hits.resize(shown);
  if (result.total > 0)
    return result;
  auto near = servers_near(request);
  take_all(search_rung::servers, [&](uint32_t tool) {
    return std::any_of(near.begin(), near.end(), [&](const near_server& x) {
      return x.server == server_of_[tool] && x.similarity >= near_enough;
    });
  });
  if (result.total == 0)
    for (auto& x : near)
      result.nearest_servers.push_back(x.server);
  return result;
}

size_t search_index::memory() const noexcept {
  size_t result = words_.memory() + in_tools_.memory() + in_servers_.memory()
                  + server_of_.capacity() * sizeof(uint32_t) + names_.capacity() * sizeof(named_tool)
                  + server_names_.capacity() * sizeof(std::string);
  for (auto& name : server_names_)
    result += name.capacity();
  return result;
}

} // namespace hub
