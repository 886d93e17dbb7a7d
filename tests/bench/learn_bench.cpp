// Measures what learning adds to the search, and what it costs at most: bounds that hold
// say pass, others MISS (exit code 1). All of it comes from a seed.
//
// usage: learn_bench FOLDER, with tools.jsonl and queries.jsonl

#include "actors/learning/habit_model.hpp"
#include "actors/learning/tie_breaker.hpp"
#include "tests/bench/search_corpus.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <exception>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>

using namespace hub;
using namespace hub::bench;

namespace {

constexpr size_t shown = 8;

/// One step of a sequence: what is asked, and the tool that does it.
struct step {
  std::string request;
  uint32_t tool;
};

using sequence = std::vector<step>;

double cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/// Sums over the steps of a replay.
struct quality {
  double recall_at_1 = 0;
  double recall_at_5 = 0;
  double reciprocal_rank = 0;
  size_t count = 0;

  void add(const std::vector<search_hit>& hits, const std::set<uint32_t>& wanted) {
    ++count;
    for (size_t i = 0; i < hits.size(); ++i) {
      if (!wanted.contains(hits[i].tool))
        continue;
      recall_at_1 += i < 1;
      recall_at_5 += i < 5;
      reciprocal_rank += 1 / static_cast<double>(i + 1);
      return;
    }
  }

  double at_1() const {
    return recall_at_1 / static_cast<double>(count);
  }
  double at_5() const {
    return recall_at_5 / static_cast<double>(count);
  }
  double mrr() const {
    return reciprocal_rank / static_cast<double>(count);
  }
};

struct comparison {
  quality plain;
  quality learnt;

  /// The most places that a tool fell, and the least that one which was passed scored by, as a share.
  size_t fell = 0;
  double nearest = 1;
  std::vector<double> added_us;

  void print(const char* what) {
    std::sort(added_us.begin(), added_us.end());
    std::printf("  %-34s n=%-5zu recall@1 %.3f -> %.3f  recall@5 %.3f -> %.3f  MRR %.3f -> %.3f  (falls %zu at most, to one of %.2f)  "
                "added p50 %.1f us, p99 %.1f us\n",
                what, plain.count, plain.at_1(), learnt.at_1(), plain.at_5(), learnt.at_5(), plain.mrr(), learnt.mrr(),
                fell, nearest, added_us[added_us.size() / 2], added_us[added_us.size() * 99 / 100]);
  }
};

class replay {
public:
  explicit replay(const std::string& folder)
    : corpus_(read_tools(folder + "/tools.jsonl")), questions_(read_questions(folder + "/queries.jsonl")) {
    auto servers = corpus_.server_documents();
    auto tools = corpus_.tool_documents();
    index_ = search_index{servers, tools};
    for (uint32_t i = 0; i < corpus_.tools.size(); ++i)
      by_name_[corpus_.tools[i].name].push_back(i);
  }

  /// The real plans: each task with its steps, where it has any.
  std::vector<sequence> real_plans() const {
    std::vector<sequence> result;
    for (auto& x : questions_) {
      if (x.kind == "task")
        result.emplace_back();
      else if (!result.empty())
        for (auto& tool : x.tools)
          if (auto found = by_name_.find(tool); found != by_name_.end())
            result.back().push_back({x.request, found->second.front()});
    }
    std::erase_if(result, [](auto& x) { return x.empty(); });
    return result;
  }

  /// What the tools of each real task are, in the order of the data.
  std::vector<std::vector<uint32_t>> task_tools() const {
    std::vector<std::vector<uint32_t>> result;
    for (auto& x : questions_)
      if (x.kind == "task" && x.tools.size() > 1) {
        result.emplace_back();
        for (auto& tool : x.tools)
          if (auto found = by_name_.find(tool); found != by_name_.end())
            result.back().push_back(found->second.front());
      }
    return result;
  }

  size_t tools() const {
    return corpus_.tools.size();
  }

  /// All tools with this tool's name: a step is done by any of them.
  std::set<uint32_t> same_name(uint32_t tool) const {
    auto& all = by_name_.at(corpus_.tools[tool].name);
    return {all.begin(), all.end()};
  }

  /// Some of the words that describe a tool: what somebody may ask for who does not know it.
  std::string vague_request(uint32_t tool, std::mt19937& random, size_t words) const {
    std::istringstream in{corpus_.tools[tool].description};
    std::vector<std::string> all;
    for (std::string word; in >> word && all.size() < 40;)
      if (word.size() > 3)
        all.push_back(word);
    if (all.empty())
      all.push_back(corpus_.tools[tool].name);
    std::shuffle(all.begin(), all.end(), random);
    std::string result;
    for (size_t i = 0; i < std::min(words, all.size()); ++i)
      result += (i ? " " : "") + all[i];
    return result;
  }

  search_result plain(const std::string& request) const {
    return index_.search(request, {shown, {}});
  }

  search_result arranged(const std::string& request, const tie_breaker& ties) const {
    auto result = index_.search(request, {shown + tie_breaker::margin, {}});
    ties.arrange(result, shown, [this](uint32_t i) { return hash_of(i); });
    return result;
  }

  uint64_t hash_of(uint32_t tool) const {
    auto name = name_of(tool);
    return habit_tool(name.server, name.tool);
  }

  habit_name name_of(uint32_t tool) const {
    return {corpus_.servers[corpus_.tools[tool].server], corpus_.tools[tool].name};
  }

  /// Somebody searches, sees what learning makes of it, and calls the right tool.
  void live(habit_model& model, const std::string& project, const sequence& plan, habit_model::time_point& now) const {
    auto session = "s" + std::to_string(now.time_since_epoch().count());
    for (auto& x : plan) {
      now += std::chrono::seconds{30};
      auto table = model.table({}, now);
      auto found = arranged(x.request, tie_breaker{*table, x.request, project, 0});
      std::vector<habit_name> names;
      for (auto& hit : found.hits)
        names.push_back(name_of(hit.tool));
      model.searched(session, project, x.request, names, now);
      model.called(session, project, "bench", name_of(x.tool), true, now);
    }
    now += std::chrono::hours{1};
  }

  /// Searches for each step as it comes and compares; nothing is learnt from it.
  void compare(const habit_model& model, const std::string& project, const sequence& plan, habit_model::time_point now,
               comparison& result) const {
    auto table = model.table({}, now);
    uint64_t previous = 0;
    for (auto& x : plan) {
      auto wanted = same_name(x.tool);
      auto before = plain(x.request);
      auto start = cpu_us();
      auto wide = index_.search(x.request, {shown, {}});
      auto middle = cpu_us();
      auto after = arranged(x.request, tie_breaker{*table, x.request, project, previous});
      result.added_us.push_back((cpu_us() - middle) - (middle - start));
      result.plain.add(before.hits, wanted);
      result.learnt.add(after.hits, wanted);
      note_moves(x.request, after.hits, result);
      previous = hash_of(x.tool);
    }
  }

private:
  void note_moves(const std::string& request, const std::vector<search_hit>& after, comparison& result) const {
    auto all = index_.search(request, {shown + tie_breaker::margin, {}}).hits;
    for (size_t i = 0; i < after.size(); ++i) {
      auto place = static_cast<size_t>(std::find_if(all.begin(), all.end(), [&](auto& x) { return x.tool == after[i].tool; })
                                       - all.begin());
      result.fell = std::max(result.fell, i > place ? i - place : 0);
      for (size_t k = i + 1; k < after.size(); ++k)
        if (after[i].score < after[k].score && after[k].score < 1000)
          result.nearest = std::min(result.nearest, static_cast<double>(after[i].score / after[k].score));
    }
  }

  search_corpus corpus_;
  std::vector<search_question> questions_;
  search_index index_;
  std::map<std::string, std::vector<uint32_t>> by_name_;
};

/// People with habits: each kind of project has some routines, sequences of tools that are gone through
/// again and again, each time in other words.
struct people {
  std::map<std::string, std::vector<std::vector<uint32_t>>> routines;

  people(const replay& world, std::mt19937& random) {
    auto tasks = world.task_tools();
    for (auto* kind : {"rust", "node", "python", "go", "cpp"}) {
      auto& mine = routines[kind];
      for (int i = 0; i < 4; ++i)
        mine.push_back(tasks[random() % tasks.size()]);
      for (int i = 0; i < 4; ++i) {
        std::vector<uint32_t> made;
        for (int k = 0; k < 4; ++k)
          made.push_back(static_cast<uint32_t>(random() % world.tools()));
        mine.push_back(made);
      }
    }
  }

  sequence draw(const replay& world, const std::string& kind, std::mt19937& random, size_t words) const {
    auto& mine = routines.at(kind);
    // The first are gone through more often.
    auto which = std::min(random() % mine.size(), random() % mine.size());
    sequence result;
    for (auto tool : mine[which])
      result.push_back({world.vague_request(tool, random, words), tool});
    return result;
  }
};

bool holds(const char* what, bool good) {
  std::printf("%s  %s\n", good ? "pass" : "MISS", what);
  return good;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: learn_bench FOLDER, with tools.jsonl and queries.jsonl\n");
    return 2;
  }
  try {
    replay world{argv[1]};
    auto plans = world.real_plans();
    if (plans.empty())
      throw std::runtime_error{std::string{argv[1]} + "/queries.jsonl holds no plan: tasks with their steps"};
    habit_model::time_point start{std::chrono::hours{24 * 365 * 56}};
    auto good = true;

    std::printf("habits: five kinds of projects, eight routines each, asked for in words drawn anew each time\n");
    for (size_t words : {2, 3, 5}) {
      std::mt19937 random{7};
      people everybody{world, random};
      habit_model model;
      auto now = start;
      comparison few, many;
      for (auto [rounds, result] : {std::pair{10, &few}, std::pair{90, &many}}) {
        for (int i = 0; i < rounds; ++i)
          for (auto& [kind, routines] : everybody.routines)
            world.live(model, kind, everybody.draw(world, kind, random, words), now);
        for (int i = 0; i < 40; ++i)
          for (auto& [kind, routines] : everybody.routines)
            world.compare(model, kind, everybody.draw(world, kind, random, words), now, *result);
      }
      auto title = std::to_string(words) + " words, after 10 plans a project";
      few.print(title.c_str());
      title = std::to_string(words) + " words, after 100";
      many.print(title.c_str());
      good &= holds("learning adds at least 0.05 to recall@1 and takes nothing from recall@5",
                    many.learnt.at_1() >= many.plain.at_1() + 0.05 && many.learnt.at_5() >= many.plain.at_5());
      good &= holds("a tool falls three places at most, behind tools that score 0.8 of it or more",
                    many.fell <= tie_breaker::most_moved && many.nearest >= tie_breaker::near - 1e-3);
    }

    std::printf("strangers: each real plan, by what all the other real plans have taught\n");
    comparison strangers;
    for (size_t i = 0; i < plans.size(); ++i) {
      habit_model model;
      auto now = start;
      for (size_t k = 0; k < plans.size(); ++k)
        if (k != i)
          for (int times = 0; times < 5; ++times)
            world.live(model, "node", plans[k], now);
      world.compare(model, "node", plans[i], now, strangers);
    }
    strangers.print("real steps");
    good &= holds("what others do costs at most 0.03 of recall@5 and of MRR",
                  strangers.learnt.at_5() >= strangers.plain.at_5() - 0.03 && strangers.learnt.mrr() >= strangers.plain.mrr() - 0.03);

    std::printf("noise: any tool that was shown is called, whatever was asked\n");
    comparison noise;
    for (unsigned seed = 1; seed <= 10; ++seed) {
      std::mt19937 random{seed};
      habit_model model;
      auto now = start;
      for (int i = 0; i < 500; ++i) {
        auto request = world.vague_request(static_cast<uint32_t>(random() % world.tools()), random, 3);
        if (random() % 4 == 0) {
          auto& plan = plans[random() % plans.size()];
          request = plan[random() % plan.size()].request;
        }
        auto found = world.plain(request);
        if (found.hits.empty())
          continue;
        std::vector<habit_name> names;
        for (auto& hit : found.hits)
          names.push_back(world.name_of(hit.tool));
        model.searched("s", "node", request, names, now);
        model.called("s", "node", "bench", names[random() % names.size()], true, now);
        now += std::chrono::minutes{1};
      }
      for (auto& plan : plans)
        world.compare(model, "node", plan, now, noise);
    }
    noise.print("real steps");
    good &= holds("even noise costs at most 0.03 of recall@5 and of MRR", noise.learnt.at_5() >= noise.plain.at_5() - 0.03 && noise.learnt.mrr() >= noise.plain.mrr() - 0.03);
    good &= holds("a tool falls three places at most", noise.fell <= tie_breaker::most_moved && strangers.fell <= tie_breaker::most_moved);
    return good ? 0 : 1;
  } catch (const std::exception& x) {
    std::fprintf(stderr, "learn_bench: %s\n", x.what());
    return 1;
  }
}
