#include "tests/sim/checks.hpp"
#include "tests/sim/entropy.hpp"
#include "tests/sim/world.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

using namespace hub;
using namespace hub::sim;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("storm");

namespace {

// HUB_SIM_SEEDS=n runs the seeds 1 to n instead of 1 to 32; HUB_SIM_SEED=s runs one,
// which a failure names.

/// The number in an environment variable; 0 if there is none.
uint64_t number_from(const char* variable) {
  auto text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : 0;
}

/// What one world came to.
struct outcome {
  std::vector<std::string> violations;
  size_t requests = 0;
  size_t results = 0;
  size_t events = 0;
  uint64_t children = 0;
  uint64_t kills = 0;

  bool operator==(const outcome&) const = default;
};

/// A storm, a calm, another storm, and the end in the midst of it.
outcome live_through(uint64_t seed) {
  seed_entropy(seed);
  world x{seed};
  for (int i = 0; i < 8; ++i) {
    x.storm(100);
    x.settle();
    check_children(x);
  }
  x.calm(200s);
  check_all_answered(x);
  check_tables(x);
  x.storm(100);
  x.stop();
  check_all_answered(x);
  check_answers(x);
  check_events(x);
  outcome result;
  auto& book = *x.book;
  result.violations = book.violations;
  result.requests = book.requests.size();
  for (auto& request : book.requests)
    result.results += request->answer && request->answer->kind == answer_kind::result;
  result.events = book.events.size();
  result.children = book.children_born;
  result.kills = book.kills;
  return result;
}

outcome survive(uint64_t seed) {
  auto result = live_through(seed);
  for (auto& x : result.violations)
    FAIL_CHECK("HUB_SIM_SEED=" << seed << ": " << x);
  return result;
}

struct quiet {
  quiet() {
    spdlog::set_level(spdlog::level::off);
  }

  ~quiet() {
    spdlog::set_level(spdlog::level::info);
  }
};

} // namespace

TEST_CASE_FIXTURE(quiet, "each request is answered once and to its asker, and nothing is left behind") {
  if (auto seed = number_from("HUB_SIM_SEED")) {
    auto x = survive(seed);
    MESSAGE("seed " << seed << ": " << x.requests << " requests, " << x.results << " results, " << x.events
                    << " notifications, " << x.children << " children, " << x.kills << " kills");
    return;
  }
  auto seeds = std::max<uint64_t>(number_from("HUB_SIM_SEEDS"), 32);
  outcome all;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    auto x = survive(seed);
    all.requests += x.requests;
    all.results += x.results;
    all.events += x.events;
    all.children += x.children;
    all.kills += x.kills;
  }
  // Otherwise nothing happened that could go wrong.
  CHECK(all.requests > 10'000);
  CHECK(all.results > all.requests / 3);
  CHECK(all.events > 1000);
  CHECK(all.children > 500);
  CHECK(all.kills > 100);
}

TEST_CASE_FIXTURE(quiet, "the same seed makes the same world") {
  CHECK(live_through(3) == live_through(3));
}
