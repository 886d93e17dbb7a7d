#include "actors/ledger/budget_keeper.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

using namespace hub;

TEST_SUITE_BEGIN("budget keeper");

namespace {

using kind = budget::kind;
using period = budget::period;
using reservation = budget_keeper::reservation;
using refusal = budget_keeper::refusal;

/// 2026-01-05 12:30 UTC, a Monday.
constexpr int64_t noon = 1'767'616'200;
constexpr int64_t hour = 3'600;
constexpr int64_t day = 24 * hour;

budget of_cents(int64_t cents, period per = period::day, kind scope = kind::global, std::string pattern = {}) {
  return {scope, std::move(pattern), per, money::of_cents(cents)};
}

budget_keeper keeper_of(budget_list budgets) {
  budget_keeper result;
  result.set(std::make_shared<const budget_list>(std::move(budgets)));
  return result;
}

const spender somebody{"client", "", "session", "/home/ann/shop", "exa", "search"};

/// Whether there was so much; if so, it is spent.
bool spend(budget_keeper& keeper, int64_t cents, int64_t now = noon, const spender& who = somebody) {
  auto x = keeper.reserve(who, money::of_cents(cents), now);
  if (std::holds_alternative<refusal>(x))
    return false;
  keeper.settle(std::get<reservation>(std::move(x)), money::of_cents(cents), now);
  return true;
}

} // namespace

TEST_CASE("a budget allows what it has and no more") {
  auto keeper = keeper_of({of_cents(10)});
  CHECK(spend(keeper, 7));
  CHECK_FALSE(spend(keeper, 4));
  CHECK(spend(keeper, 3));
  CHECK_FALSE(spend(keeper, 1));
  CHECK(spend(keeper, 0));
}

TEST_CASE("what calls in flight may cost is not there for others, until it is given back") {
  auto keeper = keeper_of({of_cents(10)});
  auto first = std::get<reservation>(keeper.reserve(somebody, money::of_cents(8), noon));
  auto no = keeper.reserve(somebody, money::of_cents(3), noon);
  REQUIRE(std::holds_alternative<refusal>(no));
  auto& why = std::get<refusal>(no);
  CHECK(why.spent.is_none());
  CHECK(why.reserved == money::of_cents(8));
  CHECK(why.wanted == money::of_cents(3));
  CHECK(utc_text(why.resets_at) == "2026-01-06 00:00 UTC");
  CHECK(keeper.settle(std::move(first), money{}, noon).empty());
  CHECK(spend(keeper, 10));
}

TEST_CASE("a period that is over is forgotten, and a clock that goes back opens none") {
  auto keeper = keeper_of({of_cents(5, period::hour), of_cents(8, period::day), of_cents(11, period::month), of_cents(14, period::ever)});
  CHECK(spend(keeper, 5));
  CHECK_FALSE(spend(keeper, 1));
  CHECK_FALSE(spend(keeper, 1, noon - hour));
  CHECK_FALSE(spend(keeper, 1, noon - 40 * day));
  CHECK(spend(keeper, 3, noon + hour));
  CHECK_FALSE(spend(keeper, 1, noon + 2 * hour));
  CHECK(spend(keeper, 3, noon + day));
  CHECK_FALSE(spend(keeper, 1, noon + 2 * day));
  CHECK(spend(keeper, 3, noon + 40 * day));
  CHECK_FALSE(spend(keeper, 1, noon + 4'000 * day));
}

TEST_CASE("a budget per call only looks at the call") {
  auto keeper = keeper_of({of_cents(5, period::call)});
  for (int i = 0; i < 10; ++i)
    CHECK(spend(keeper, 5));
  CHECK_FALSE(spend(keeper, 6));
}

TEST_CASE("budgets count for those they are for") {
  auto with = [](spender x, auto member, std::string_view value) {
    x.*member = value;
    return x;
  };
  SUBCASE("each session has its own") {
    auto keeper = keeper_of({of_cents(1, period::ever, kind::session)});
    CHECK(spend(keeper, 1));
    CHECK_FALSE(spend(keeper, 1));
    CHECK(spend(keeper, 1, noon, with(somebody, &spender::session, "other")));
  }
  SUBCASE("clients go by their own name, or that of their token") {
    auto keeper = keeper_of({of_cents(1, period::day, kind::client, "cl*")});
    CHECK(spend(keeper, 1));
    CHECK_FALSE(spend(keeper, 1, noon, with(with(somebody, &spender::client, "x"), &spender::token, "cleo")));
    CHECK(spend(keeper, 1, noon, with(somebody, &spender::client, "x")));
  }
  SUBCASE("projects are folders and what is below them") {
    auto keeper = keeper_of({of_cents(1, period::day, kind::project, "/home/ann")});
    CHECK(spend(keeper, 1));
    CHECK_FALSE(spend(keeper, 1, noon, with(somebody, &spender::project, "/home/ann")));
    CHECK(spend(keeper, 1, noon, with(somebody, &spender::project, "/home/anna")));
    CHECK(spend(keeper, 1, noon, with(somebody, &spender::project, "")));
  }
  SUBCASE("tools go by their own name, or with their server's") {
    for (auto* pattern : {"search", "exa__*", "*"}) {
      auto keeper = keeper_of({of_cents(1, period::day, kind::tool, pattern)});
      CHECK(spend(keeper, 1));
      CHECK_FALSE(spend(keeper, 1));
    }
    auto keeper = keeper_of({of_cents(0, period::day, kind::tool, "tavily__*")});
    CHECK(spend(keeper, 1));
  }
}

TEST_CASE("a budget that refuses leaves the others as they were") {
  auto keeper = keeper_of({of_cents(10), of_cents(1, period::day, kind::tool, "search")});
  CHECK_FALSE(spend(keeper, 5));
  auto other = somebody;
  other.tool = "crawl";
  CHECK(spend(keeper, 10, noon, other));
}

TEST_CASE("what was spent outlives the hub and a change of the limit") {
  auto keeper = keeper_of({of_cents(10), of_cents(3, period::ever, kind::session)});
  auto x = keeper.reserve(somebody, money::of_cents(2), noon);
  auto rows = keeper.settle(std::get<reservation>(std::move(x)), money::of_cents(2), noon);
  REQUIRE(rows.size() == 2);
  auto next = keeper_of({of_cents(5), of_cents(3, period::ever, kind::session)});
  next.restore(rows);
  CHECK_FALSE(spend(next, 2));
  CHECK(spend(next, 1));
  next.set(std::make_shared<const budget_list>(budget_list{of_cents(6)}));
  CHECK(spend(next, 3));
  CHECK_FALSE(spend(next, 1));
  CHECK(spend(next, 6, noon + day));
}

TEST_CASE("sessions that were not seen for longest are forgotten, but none that has a call in flight") {
  auto keeper = keeper_of({of_cents(1, period::ever, kind::session)});
  auto who = somebody;
  who.session = "busy";
  auto busy = std::get<reservation>(keeper.reserve(who, money::of_cents(1), noon));
  std::string name;
  for (size_t i = 0; i < budget_keeper::most_counters + 10; ++i) {
    name = std::to_string(i);
    who.session = name;
    CHECK(spend(keeper, 1, noon, who));
  }
  who.session = "0";
  CHECK(spend(keeper, 1, noon, who));
  who.session = "busy";
  CHECK_FALSE(spend(keeper, 1, noon, who));
}

TEST_CASE("no budget is ever overspent, whatever calls do in whatever order") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random{seed};
    auto upto = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint64_t>(n + 1)); };
    budget_list budgets;
    for (auto per : {period::hour, period::day, period::month, period::ever}) {
      budgets.push_back(of_cents(upto(100), per));
      budgets.push_back(of_cents(upto(60), per, kind::session));
      budgets.push_back(of_cents(upto(80), per, kind::tool, upto(1) ? "a*" : "*b"));
    }
    auto keeper = keeper_of(budgets);
    struct open_call {
      reservation held;
      money most;
    };
    std::vector<open_call> open;
    // What a second book says: by budget, session and period.
    std::map<std::pair<std::string, int64_t>, money> spent;
    std::map<std::pair<std::string, int64_t>, money> limits;
    auto now = noon;
    std::vector<std::string> sessions{"x", "y", "z"};
    std::vector<std::string> tools{"a", "b", "ab"};
    std::vector<spender> owners;
    for (int step = 0; step < 400; ++step) {
      now += upto(20) == 0 ? upto(3 * day) : upto(600);
      if (upto(2) > 0 || open.empty()) {
        auto who = somebody;
        who.session = sessions[static_cast<size_t>(upto(2))];
        who.tool = tools[static_cast<size_t>(upto(2))];
        auto most = money::of_units(upto(20'000'000));
        auto x = keeper.reserve(who, most, now);
        if (auto* held = std::get_if<reservation>(&x)) {
          open.push_back({std::move(*held), most});
          owners.push_back(who);
        }
        continue;
      }
      auto place = static_cast<size_t>(upto(static_cast<int64_t>(open.size()) - 1));
      auto cost = upto(3) == 0 ? money{} : money::of_units(upto(open[place].most.units()));
      for (auto& x : budgets)
        if (counts_for(x, owners[place])) {
          auto key = std::pair{key_of(x, owners[place].session), begin_of(x.per, now)};
          spent[key] += cost;
          limits[key] = x.limit;
        }
      keeper.settle(std::move(open[place].held), cost, now);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(place));
      owners.erase(owners.begin() + static_cast<std::ptrdiff_t>(place));
    }
    for (auto& [key, sum] : spent)
      CHECK_MESSAGE(sum <= limits[key], "seed " << seed << ": " << key.first << " " << to_string(sum));
  }
}

TEST_SUITE_END();
