// Measures how well and how fast tools are found, and how much a reply takes: bounds
// that hold say pass, others MISS (exit code 1).
//
// usage: search_bench FOLDER, with tools.jsonl and queries.jsonl

#include "actors/catalog/search_reply.hpp"
#include "tests/bench/search_corpus.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <ctime>
#include <set>
#include <stdexcept>

using namespace hub;
using namespace hub::bench;

namespace {

constexpr size_t token_budget = 800;

/// The processor time of this thread: what others do on the machine is not ours.
double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Sums over the questions of one kind.
struct quality {
  static constexpr size_t cuts[] = {1, 3, 5, 10};

  double recall[4] = {};
  double reciprocal_rank = 0;
  double gain = 0;
  size_t empty = 0;
  size_t count = 0;

  void add(const search_question& question, const std::vector<std::string>& found) {
    std::set<std::string> open(question.tools.begin(), question.tools.end());
    auto wanted = static_cast<double>(open.size());
    double first = 0;
    double sum = 0;
    for (size_t rank = 1; rank <= found.size(); ++rank) {
      if (open.erase(found[rank - 1]) == 0)
        continue;
      for (size_t i = 0; i < 4; ++i)
        recall[i] += rank <= cuts[i] ? 1 / wanted : 0;
      first = std::max(first, 1.0 / static_cast<double>(rank));
      sum += 1 / std::log2(static_cast<double>(rank) + 1);
    }
    double best = 0;
    for (size_t rank = 1; rank <= std::min<size_t>(10, question.tools.size()); ++rank)
      best += 1 / std::log2(static_cast<double>(rank) + 1);
    reciprocal_rank += first;
    gain += sum / best;
    empty += found.empty();
    ++count;
  }

  void print(const char* kind) const {
    auto n = static_cast<double>(std::max<size_t>(count, 1));
    std::printf("  %-5s n=%-4zu recall@1/3/5/10 %.3f %.3f %.3f %.3f  MRR %.3f  nDCG@10 %.3f  empty %.1f %%\n", kind,
                count, recall[0] / n, recall[1] / n, recall[2] / n, recall[3] / n, reciprocal_rank / n, gain / n,
                100 * static_cast<double>(empty) / n);
  }
};

/// What a reply takes with the hub's own limits, in tokens of four bytes.
size_t reply_tokens(const search_corpus& corpus, const search_index& index, const std::string& question) {
  search_request request;
  request.query = question;
  request.limit = 8;
  request.budget_tokens = token_budget;
  auto result = index.search(question, {request.limit, {}});
  std::vector<found_tool> found;
  for (auto& hit : result.hits) {
    auto& tool = corpus.tools[hit.tool];
    found.push_back({tool.exposed_name, tool.name, corpus.servers[tool.server], tool.description, *tool.input_schema});
  }
  search_outcome outcome;
  outcome.total = result.total;
  outcome.tools = found;
  return compose_search_reply(request, outcome).size() / 4;
}

/// What one size of the catalogue comes to.
struct figures {
  double recall_at_5 = 0;
  size_t empty = 0;
  double p99_ms = 0;
};

figures measure(search_corpus corpus, size_t size, const std::vector<search_question>& questions) {
  auto originals = corpus.tools.size();
  corpus.add_distractors(size);
  auto servers = corpus.server_documents();
  auto tools = corpus.tool_documents();
  auto start = cpu_ms();
  search_index index{servers, tools};
  auto build_ms = cpu_ms() - start;
  quality tasks;
  quality steps;
  // Each half by itself: a change that helps one alone has learnt words of it.
  quality halves[2];
  std::vector<size_t> tokens;
  std::vector<double> times_ms;
  for (auto& question : questions) {
    search_result result;
    constexpr int repetitions = 21;
    for (int i = 0; i < repetitions; ++i) {
      start = cpu_ms();
      result = index.search(question.request, {10, {}});
      times_ms.push_back(cpu_ms() - start);
    }
    std::vector<std::string> found;
    for (auto& hit : result.hits)
      found.push_back(hit.tool < originals ? corpus.tools[hit.tool].name : "");
    (question.kind == "step" ? steps : tasks).add(question, found);
    if (question.kind == "step")
      halves[steps.count % 2].add(question, found);
    tokens.push_back(reply_tokens(corpus, index, question.request));
  }
  std::sort(tokens.begin(), tokens.end());
  std::sort(times_ms.begin(), times_ms.end());
  std::printf("%zu tools of %zu servers: built in %.1f ms, %.0f KB; search p50 %.3f ms, p99 %.3f ms of processor time\n", tools.size(),
              servers.size(), build_ms, static_cast<double>(index.memory()) / 1024, times_ms[times_ms.size() / 2],
              times_ms[times_ms.size() * 99 / 100]);
  std::printf("  tokens of a reply: p50 %zu, p95 %zu, most %zu\n", tokens[tokens.size() / 2],
              tokens[tokens.size() * 95 / 100], tokens.back());
  steps.print("steps");
  halves[1].print("odd");
  halves[0].print("even");
  tasks.print("tasks");
  return {steps.recall[2] / static_cast<double>(std::max<size_t>(steps.count, 1)), steps.empty + tasks.empty,
          times_ms[times_ms.size() * 99 / 100]};
}

bool holds(const char* what, bool good) {
  std::printf("%s  %s\n", good ? "pass" : "MISS", what);
  return good;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: search_bench FOLDER, with tools.jsonl and queries.jsonl\n");
    return 2;
  }
  try {
    std::string folder{argv[1]};
    auto corpus = read_tools(folder + "/tools.jsonl");
    auto questions = read_questions(folder + "/queries.jsonl");
    if (questions.empty())
      throw std::runtime_error{folder + "/queries.jsonl holds no question"};
    auto real = measure(corpus, corpus.tools.size(), questions);
    auto many = measure(corpus, 5000, questions);
    auto most = measure(corpus, 18000, questions);
    auto good = holds("recall@5 of steps is at least 0.75 among the real tools", real.recall_at_5 >= 0.75);
    good &= holds("no search is empty", real.empty + many.empty + most.empty == 0);
    good &= holds("p99 of a search among 18,000 tools is below 1 ms", most.p99_ms < 1);
    return good ? 0 : 1;
  } catch (const std::exception& x) {
    std::fprintf(stderr, "search_bench: %s\n", x.what());
    return 1;
  }
}
