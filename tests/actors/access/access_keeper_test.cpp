#include "actors/access/access_keeper.hpp"

#include "tests/support/stage.hpp"

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("access keeper");

namespace {

access_reader::behavior_type recording_reader(access_reader::pointer, std::shared_ptr<std::vector<access_table_ptr>> heard) {
  return {
    [heard](const access_changed& x) { heard->push_back(x.table); },
  };
}

} // namespace

TEST_CASE_FIXTURE(test::stage, "tokens are read again when wanted, and a file that is wrong leaves those of before") {
  auto cell = std::make_shared<access_cell>(std::make_shared<const access_table>());
  std::variant<access_table, std::string> file = std::string{"the file is wrong"};
  auto keeper = system.spawn(access_keeper, access_keeper_settings{cell, [&file] { return file; }});
  auto heard = std::make_shared<std::vector<access_table_ptr>>();
  auto reader = system.spawn(recording_reader, heard);
  self->send(keeper, watch_access{reader});
  settle();
  CHECK(heard->size() == 1);
  auto one = std::make_shared<const principal>(principal{"id", "name", "user", 0});
  file = access_table{{{one, sha256_of("token")}}};
  CHECK(ask<access_reloaded>(keeper, reload_access{}).tokens == 1);
  CHECK(cell->load()->find("token", 1) == one);
  file = std::string{"the file is wrong"};
  auto refused = ask<access_reloaded>(keeper, reload_access{});
  CHECK_FALSE(refused.ok);
  CHECK(refused.tokens == 1);
  CHECK(refused.error == "the file is wrong");
  CHECK(cell->load()->find("token", 1) == one);
  CHECK(heard->size() == 2);
  file = access_table{};
  CHECK(ask<access_reloaded>(keeper, reload_access{}).ok);
  CHECK(cell->load()->find("token", 1) == nullptr);
  REQUIRE(heard->size() == 3);
  CHECK(heard->back()->empty());
  self->send_exit(keeper, caf::exit_reason::user_shutdown);
  self->send_exit(reader, caf::exit_reason::user_shutdown);
  settle();
}

TEST_CASE_FIXTURE(test::stage, "readers hear of it when a token expires") {
  using namespace std::chrono;
  auto now = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  auto soon = std::make_shared<const principal>(principal{"id", "name", "user", now + 1000});
  auto cell = std::make_shared<access_cell>(
    std::make_shared<const access_table>(std::vector<access_token>{{soon, sha256_of("token")}}));
  auto keeper = system.spawn(access_keeper, access_keeper_settings{cell, [] { return access_table{}; }});
  auto heard = std::make_shared<std::vector<access_table_ptr>>();
  auto reader = system.spawn(recording_reader, heard);
  self->send(keeper, watch_access{reader});
  settle();
  // The clock of the machine may be set, so nobody sleeps for long.
  pass(61s);
  CHECK(heard->size() >= 2);
  self->send_exit(keeper, caf::exit_reason::user_shutdown);
  self->send_exit(reader, caf::exit_reason::user_shutdown);
  pass(61s);
}
