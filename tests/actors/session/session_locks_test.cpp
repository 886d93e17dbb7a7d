#include "actors/lock/lock_keeper.hpp"
#include "tests/actors/session/session_stage.hpp"

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("session locks");

namespace {

constexpr std::string_view wants_db = R"({"name":"hub__lock","arguments":{"name":"db","lease_ms":60000,"wait_ms":30000}})";
constexpr std::string_view gives_db = R"({"name":"hub__unlock","arguments":{"name":"db"}})";

/// The real sessions and the real keeper.
struct lock_stage : session_stage {
  lock_actor keeper = system.spawn(lock_keeper, lock_settings{1000, {}});

  lock_stage() {
    self->send_exit(registry, caf::exit_reason::user_shutdown);
    settings.locks = keeper;
    settings.federation.locks = true;
    registry = system.spawn(session_registry, settings);
    settle();
  }

  ~lock_stage() {
    settings.locks = nullptr;
    self->send_exit(keeper, caf::exit_reason::user_shutdown);
  }

  asked<rpc_answer> call(const session_found& client, std::string_view params, std::string_view id = "1") {
    return begin(client.session, "tools/call", params, id);
  }

  static std::string text(const asked<rpc_answer>& x) {
    return first_text(x.value().body.view());
  }
};

} // namespace

TEST_CASE_FIXTURE(lock_stage, "a session that holds a lock keeps another one waiting until it gives it back") {
  auto one = open();
  auto two = open();
  CHECK(text(call(one, wants_db)) == R"({"lock":"db","scope":"hub","granted":true,"token":1001,"lease_ms":60000})");
  auto waits = call(two, wants_db);
  CHECK_FALSE(waits.answered());
  CHECK(text(call(one, gives_db)) == R"({"lock":"db","scope":"hub","released":true})");
  CHECK(at(text(waits), "token") == "1002");
}

TEST_CASE_FIXTURE(lock_stage, "a session that is closed gives its locks back") {
  auto one = open();
  auto two = open();
  call(one, wants_db);
  auto waits = call(two, wants_db);
  CHECK(ask<session_ended>(registry, end_session{one.id, {}}).existed);
  settle();
  CHECK(at(text(waits), "granted") == "true");
}

TEST_CASE_FIXTURE(lock_stage, "a wait that is over names the holder") {
  auto one = open();
  auto two = open();
  call(one, wants_db);
  auto waits = call(two, wants_db);
  pass(30s);
  CHECK(at(text(waits), "reason") == R"("busy")");
  CHECK(at(text(waits), "holder_lease_ms") == "30000");
}

TEST_CASE_FIXTURE(lock_stage, "a client takes back its own wait and no other's") {
  auto one = open();
  auto two = open();
  auto three = open();
  call(one, wants_db);
  auto mine = call(two, wants_db, "7");
  auto other = call(three, wants_db, "7");
  notify(two.session, R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})");
  CHECK(mine.value().kind == answer_kind::cancelled);
  CHECK_FALSE(other.answered());
}

TEST_CASE_FIXTURE(lock_stage, "a stateless client that leaves waits no more") {
  auto one = open();
  call(one, wants_db);
  auto stateless = find_stateless();
  auto waits = begin(stateless.session, "tools/call", wants_db);
  close(stateless.session, last_exchange, true);
  CHECK(waits.value().kind == answer_kind::cancelled);
}

TEST_CASE_FIXTURE(lock_stage, "models may call the locks by hub__call_tool, too") {
  auto one = open();
  auto taken = call(one, R"({"name":"hub__call_tool","arguments":{"tool":"hub__lock","arguments":{"name":"db"}}})");
  CHECK(at(text(taken), "lease_ms") == "30000");
}

TEST_CASE_FIXTURE(session_stage, "without the setting the locks are tools that nobody knows") {
  auto client = open();
  CHECK(begin(client.session, "tools/call", wants_db).value().kind == answer_kind::error);
  CHECK(begin(client.session, "tools/list").value().body.view().find("hub__lock") == std::string_view::npos);
}
