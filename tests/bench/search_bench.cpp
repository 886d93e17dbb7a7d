// Measures how well and how fast tools are found.
//
// usage: search_bench TOOLS.jsonl QUERIES.jsonl

#include "tests/bench/search_corpus.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <ctime>
#include <set>

using namespace hub;
using namespace hub::bench;

namespace {

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

void measure(search_corpus corpus, size_t size, const std::vector<search_question>& questions) {
  auto originals = corpus.tools.size();
  corpus.add_distractors(size);
  auto servers = corpus.server_documents();
  auto tools = corpus.tool_documents();
  auto start = cpu_ms();
  search_index index{servers, tools};
  auto build_ms = cpu_ms() - start;
  quality tasks;
  quality steps;
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
  }
  std::sort(times_ms.begin(), times_ms.end());
  std::printf("%zu tools of %zu servers: built in %.1f ms, %.0f KB; search p50 %.3f ms, p99 %.3f ms of processor time\n", tools.size(),
              servers.size(), build_ms, static_cast<double>(index.memory()) / 1024, times_ms[times_ms.size() / 2],
              times_ms[times_ms.size() * 99 / 100]);
  steps.print("steps");
  tasks.print("tasks");
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: search_bench TOOLS.jsonl QUERIES.jsonl\n");
    return 2;
  }
  try {
    auto corpus = read_tools(argv[1]);
    auto questions = read_questions(argv[2]);
    for (size_t size : {corpus.tools.size(), size_t{4000}, size_t{18000}})
      measure(corpus, size, questions);
  } catch (const std::exception& x) {
    std::fprintf(stderr, "search_bench: %s\n", x.what());
    return 1;
  }
}
