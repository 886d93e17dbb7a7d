#include "actors/ledger/ledger.hpp"

#include "messages/rpc/json_scan.hpp"

#include "tests/support/stage.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <ctime>
#include <string>

using namespace hub;

TEST_SUITE_BEGIN("ledger");

namespace {

constexpr int64_t day = 86'400;

/// 2026-01-05 12:30 UTC.
constexpr int64_t noon = 1'767'616'200;

cost_entry entry(std::string tool, int64_t cents, std::string client = "c", int64_t at = noon) {
  return {at, "exa", std::move(tool), std::move(client), money::of_cents(cents), {}};
}

settle_costs costs(std::vector<cost_entry> entries, std::vector<spent_row> spent = {}) {
  return {std::move(entries), std::move(spent)};
}

std::string rows_of(const ledger_book& book, const std::string& query) {
  return std::string{rpc::member(book.report(read_cost_question(query), {}, noon), "rows")};
}

/// What a store was told, and what it answers when it is asked to.
struct store_record {
  std::vector<keep_costs> told;
  std::vector<reply<costs_kept>> open;
};

cost_store_actor::behavior_type fake_store(cost_store_actor::pointer self, std::shared_ptr<store_record> record) {
  return {
    [self, record](const keep_costs& x) -> caf::result<costs_kept> {
      // An empty one makes it answer what is open.
      if (x.rows.empty() && x.spent.empty()) {
        for (auto& asker : std::exchange(record->open, {}))
          asker.deliver(costs_kept{true});
        return costs_kept{true};
      }
      record->told.push_back(x);
      auto promise = self->make_response_promise<costs_kept>();
      record->open.emplace_back(promise);
      return promise;
    },
  };
}

} // namespace

TEST_CASE("costs are told by tool, server, client and day, the dearest first") {
  ledger_book book;
  book.add(costs({entry("search", 1), entry("search", 1, "d"), entry("crawl", 5), entry("search", 1, "c", noon - day)}));
  CHECK(rows_of(book, "") == R"([{"server":"exa","tool":"crawl","calls":1,"cents":5,"saved_calls":0,"saved_cents":0},)"
                             R"({"server":"exa","tool":"search","calls":3,"cents":3,"saved_calls":0,"saved_cents":0}])");
  CHECK(rows_of(book, "by=server") == R"([{"server":"exa","calls":4,"cents":8,"saved_calls":0,"saved_cents":0}])");
  CHECK(rows_of(book, "by=client&days=1") == R"([{"client":"c","calls":2,"cents":6,"saved_calls":0,"saved_cents":0},)"
                                             R"({"client":"d","calls":1,"cents":1,"saved_calls":0,"saved_cents":0}])");
  CHECK(rows_of(book, "days=2&by=day") == R"([{"day":"2026-01-04","calls":1,"cents":1,"saved_calls":0,"saved_cents":0},)"
                                          R"({"day":"2026-01-05","calls":3,"cents":7,"saved_calls":0,"saved_cents":0}])");
  CHECK(rows_of(book, "by=nothing&days=x") == rows_of(book, ""));
}

TEST_CASE("what the cache saved is no cost") {
  ledger_book book;
  auto saved = entry("search", 0);
  saved.saved = money::of_cents(2);
  book.add(costs({entry("search", 2), saved, saved}));
  CHECK(rows_of(book, "by=server") == R"([{"server":"exa","calls":1,"cents":2,"saved_calls":2,"saved_cents":4}])");
}

TEST_CASE("budgets are told with what is spent of their period") {
  ledger_book book;
  budget daily{budget::kind::global, {}, budget::period::day, money::of_cents(50)};
  budget each{budget::kind::session, {}, budget::period::ever, money::of_cents(5)};
  book.add(costs({}, {{"global/day", begin_of(daily.per, noon), money::of_cents(7)},
                      {"session/ever#a", 0, money::of_cents(2)},
                      {"session/ever#b", 0, money::of_cents(3)}}));
  auto text = [&](int64_t now) { return std::string{rpc::member(book.report({}, {daily, each}, now), "budgets")}; };
  CHECK(text(noon) == R"([{"scope":"global","per":"day","cents":50,"spent_cents":7,"resets_at":"2026-01-06 00:00 UTC"},)"
                      R"({"scope":"session","per":"ever","cents":5,"spent_cents":3}])");
  CHECK(text(noon + day).find(R"("cents":50,"spent_cents":0)") != std::string::npos);
}

TEST_CASE("names that clients make up do not fill the book") {
  ledger_book book;
  for (int i = 0; i < 5'000; ++i)
    book.add(costs({entry(std::string(300, 'x') + std::to_string(i), 1), entry("t" + std::to_string(i), 1, std::to_string(i))}));
  size_t rows = 0;
  auto dirty = book.take_dirty();
  rpc::for_each_element(rows_of(book, ""), [&](std::string_view) { return ++rows, true; });
  CHECK(rows <= ledger_book::rows_of_day + 501);
  CHECK(dirty.rows.size() <= ledger_book::rows_of_day + 501);
  CHECK(rpc::member(rpc::member(book.report({}, {}, noon), "total"), "cents") == "10000");
}

TEST_CASE("a report goes back as far as days are kept, and a clock that was wrong once does not shorten that") {
  ledger_book book;
  for (int i = 0; i < 500; ++i)
    book.add(costs({entry("t", 1, "c", noon + (i - 499) * day)}));
  book.add(costs({entry("t", 0, "c", noon + 4'000 * day)}));
  CHECK(rpc::member(rpc::member(book.report({cost_question::grouping::day, 10'000}, {}, noon), "total"), "cents") == "400");
}

TEST_CASE_FIXTURE(test::stage, "a cost is acknowledged when the disk has it, and what comes meanwhile goes next") {
  // The report is of the last 30 days.
  auto today = static_cast<int64_t>(std::time(nullptr));
  auto record = std::make_shared<store_record>();
  auto store = system.spawn(fake_store, record);
  auto budgets = std::make_shared<budget_cell>(std::make_shared<const budget_list>());
  auto book = system.spawn(ledger, ledger_settings{store, budgets, {}, {}});
  auto first = begin_ask<costs_kept>(book, costs({entry("a", 1, "c", today)}));
  settle();
  auto second = begin_ask<costs_kept>(book, costs({entry("a", 1, "c", today)}));
  auto third = begin_ask<costs_kept>(book, costs({entry("b", 1, "c", today)}));
  settle();
  CHECK(record->told.size() == 1);
  CHECK_FALSE(first.answered());
  self->send(store, keep_costs{});
  settle();
  CHECK(first.value().on_disk);
  CHECK_FALSE(second.answered());
  REQUIRE(record->told.size() == 2);
  REQUIRE(record->told[1].rows.size() == 2);
  CHECK(record->told[1].rows[0].cost == money::of_cents(2));
  self->send(store, keep_costs{});
  settle();
  CHECK(second.value().on_disk);
  CHECK(third.value().on_disk);
  // What the disk did not take goes with the next costs.
  anon_send_exit(store, caf::exit_reason::user_shutdown);
  settle();
  CHECK_FALSE(ask<costs_kept>(book, costs({entry("a", 1, "c", today)})).on_disk);
  CHECK(ask<report>(book, get_report{"cost", "", false}).text.find(R"("total":{"calls":4,"cents":4)") != std::string::npos);
  anon_send_exit(book, caf::exit_reason::user_shutdown);
}

TEST_CASE("what was not written comes again") {
  ledger_book book;
  book.add(costs({entry("a", 1)}, {{"global/day", 0, money::of_cents(1)}}));
  auto lost = book.take_dirty();
  CHECK_FALSE(book.is_dirty());
  book.write_again(lost);
  book.add(costs({entry("a", 2)}, {{"global/day", 0, money::of_cents(3)}}));
  auto again = book.take_dirty();
  REQUIRE(again.rows.size() == 1);
  CHECK(again.rows[0].cost == money::of_cents(3));
  REQUIRE(again.spent.size() == 1);
  CHECK(again.spent[0].spent == money::of_cents(3));
}

TEST_SUITE_END();
