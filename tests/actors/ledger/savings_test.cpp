#include "actors/ledger/ledger.hpp"

#include "messages/rpc/json_scan.hpp"

#include "tests/support/stage.hpp"

#include <string>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("savings");

namespace {

note_store_actor::behavior_type fake_notes(note_store_actor::pointer, std::shared_ptr<std::vector<keep_note>> kept) {
  return {[kept](const keep_note& x) { kept->push_back(x); }};
}

} // namespace

TEST_CASE("an account is read as it was written, and what is none begins anew") {
  savings_account x{1000, {1, 2, 3, 4, 5, 6, 7}};
  auto again = read_savings(to_json(x), 5);
  CHECK(again.since == 1000);
  CHECK(again.sum == x.sum);
  for (auto* text : {"", "{", "[]", R"({"since":"x","lists":-4})"}) {
    auto none = read_savings(text, 5);
    CHECK(none.since == 5);
    CHECK(none.sum == savings{});
  }
}

TEST_CASE_FIXTURE(test::stage, "what was saved is told with that of runs before, and noted when it has changed") {
  auto kept = std::make_shared<std::vector<keep_note>>();
  auto saved = std::make_shared<savings_counter>();
  ledger_settings settings{{}, std::make_shared<budget_cell>(std::make_shared<const budget_list>()), {}, {}};
  settings.saved = saved;
  settings.saved_before = to_json({1000, {.lists = 2, .results = 1}});
  settings.notes = system.spawn(fake_notes, kept);
  auto notes = settings.notes;
  auto book = system.spawn(ledger, std::move(settings));
  // It notes what it begins with.
  settle();
  saved->add_list(900, 100);
  saved->add_search(50);
  saved->add_result(7);
  saved->add_processes(3);
  auto told = ask<report>(book, get_report{"cost", "", false}).text;
  auto account = read_savings(rpc::member(told, "savings"), 5);
  CHECK(account.since == 1000);
  CHECK(account.sum == savings{3, 900, 150, 2, 7, 3, 0});
  kept->clear();
  pass(61s);
  REQUIRE(kept->size() == 1);
  CHECK(kept->at(0).name == "savings");
  CHECK(read_savings(kept->at(0).payload, 5).sum == account.sum);
  pass(61s);
  CHECK(kept->size() == 1);
  // What came since then is noted as the hub ends.
  saved->add_result(5);
  ask<records_settled>(book, settle_records{});
  settle();
  REQUIRE(kept->size() == 2);
  CHECK(read_savings(kept->at(1).payload, 5).sum.results == 3);
  anon_send_exit(book, caf::exit_reason::user_shutdown);
  anon_send_exit(notes, caf::exit_reason::user_shutdown);
}

TEST_SUITE_END();
