#include "actors/call/calls.hpp"

#include "tests/support/fakes.hpp"
#include "tests/support/stage.hpp"

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("calls");

namespace {

make_call call_to(std::string server, std::string id, uint64_t scope = 1) {
  make_call result;
  result.key = {scope, std::move(id)};
  result.server = std::move(server);
  result.method = "tools/call";
  return result;
}

/// A call path between a fake supervisor and a fake server.
struct path : test::stage {
  std::shared_ptr<test::backend_record> server = std::make_shared<test::backend_record>();
  std::shared_ptr<test::supervisor_record> lives = std::make_shared<test::supervisor_record>();
  supervisor_actor supervisor = system.spawn(test::fake_supervisor, lives);
  call_actor calls = system.spawn(hub::calls, call_settings{supervisor, 4, 10s});

  path() {
    lives->backend = system.spawn(test::fake_backend, server);
  }

  ~path() {
    anon_send_exit(calls, caf::exit_reason::user_shutdown);
    anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    anon_send_exit(lives->backend, caf::exit_reason::user_shutdown);
    lives->backend = nullptr;
  }

  /// Lets the server answer.
  void answer(const std::shared_ptr<test::backend_record>& record, size_t place, std::string result) {
    record->plan.emplace_back(place, std::move(result));
    self->send(lives->backend, backend_tick{});
    settle();
  }

  uint64_t in_flight() {
    return ask<call_counts>(calls, get_call_counts{}).in_flight;
  }
};

} // namespace

TEST_CASE_FIXTURE(path, "a call is answered with the server's answer, and reported once") {
  auto pending = begin_ask<rpc_answer>(calls, call_to("s", "7"));
  settle();
  CHECK_FALSE(pending.answered());
  REQUIRE(server->open.size() == 1);
  answer(server, 0, R"({"a":1})");
  CHECK(pending.value().body.view() == R"({"a":1})");
  REQUIRE(lives->ended.size() == 1);
  CHECK(lives->ended[0].server == "s");
  CHECK_FALSE(lives->ended[0].failed);
  CHECK(in_flight() == 0);
}

TEST_CASE_FIXTURE(path, "the supervisor is asked once and not per call") {
  for (int i = 0; i < 3; ++i) {
    auto pending = begin_ask<rpc_answer>(calls, call_to("s", std::to_string(i)));
    settle();
    answer(server, server->open.size() - 1, "{}");
    CHECK(pending.answered());
  }
  CHECK(lives->needed == 1);
}

TEST_CASE_FIXTURE(path, "an id in use is refused, and free again after the answer") {
  auto first = begin_ask<rpc_answer>(calls, call_to("s", "7"));
  settle();
  CHECK(ask<rpc_answer>(calls, call_to("s", "7")).kind == answer_kind::error);
  auto other_client = begin_ask<rpc_answer>(calls, call_to("s", "7", 2));
  settle();
  CHECK_FALSE(other_client.answered());
  answer(server, 0, "{}");
  CHECK(first.answered());
  auto again = begin_ask<rpc_answer>(calls, call_to("s", "7"));
  settle();
  CHECK_FALSE(again.answered());
}

TEST_CASE_FIXTURE(path, "a call that takes too long is answered and taken back") {
  auto pending = begin_ask<rpc_answer>(calls, call_to("s", "1"));
  pass(9s);
  CHECK_FALSE(pending.answered());
  pass(2s);
  REQUIRE(pending.answered());
  CHECK(pending.value().why->what == failure::kind::timed_out);
  CHECK(server->cancelled == 1);
  CHECK(in_flight() == 0);
}

TEST_CASE_FIXTURE(path, "a cancelled call ends at once and reaches the server") {
  auto pending = begin_ask<rpc_answer>(calls, call_to("s", "1"));
  settle();
  self->send(calls, cancel_call{{2, "1"}, "another client's"});
  settle();
  CHECK_FALSE(pending.answered());
  self->send(calls, cancel_call{{1, "1"}, ""});
  settle();
  CHECK(pending.value().kind == answer_kind::cancelled);
  CHECK(server->cancelled == 1);
  CHECK(lives->ended.empty());
}

TEST_CASE_FIXTURE(path, "a session that ends takes its calls with it and no others") {
  auto mine = begin_ask<rpc_answer>(calls, call_to("s", "1", 1));
  auto other = begin_ask<rpc_answer>(calls, call_to("s", "1", 2));
  settle();
  self->send(calls, cancel_scope{1});
  settle();
  CHECK(mine.answered());
  CHECK_FALSE(other.answered());
}

TEST_CASE_FIXTURE(path, "a server that dies answers its calls, and the next call asks for it anew") {
  auto pending = begin_ask<rpc_answer>(calls, call_to("s", "1"));
  settle();
  self->send_exit(lives->backend, caf::exit_reason::kill);
  settle();
  REQUIRE(pending.answered());
  CHECK(pending.value().why->what == failure::kind::crashed);
  auto fresh = std::make_shared<test::backend_record>();
  lives->backend = system.spawn(test::fake_backend, fresh);
  auto next = begin_ask<rpc_answer>(calls, call_to("s", "2"));
  settle();
  CHECK(lives->needed == 2);
  CHECK(fresh->open.size() == 1);
  answer(fresh, 0, "{}");
  CHECK(next.value().kind == answer_kind::result);
}

TEST_CASE_FIXTURE(path, "a run that is ending hands a call to the next one") {
  auto first = begin_ask<rpc_answer>(calls, call_to("s", "1"));
  settle();
  answer(server, 0, "{}");
  server->stopping = true;
  auto fresh = std::make_shared<test::backend_record>();
  auto old = std::exchange(lives->backend, system.spawn(test::fake_backend, fresh));
  auto next = begin_ask<rpc_answer>(calls, call_to("s", "2"));
  settle();
  CHECK_FALSE(next.answered());
  CHECK(fresh->open.size() == 1);
  self->send_exit(old, caf::exit_reason::user_shutdown);
}

TEST_CASE_FIXTURE(path, "why a server cannot be had is the answer") {
  lives->why = std::make_shared<failure>(failure{failure::kind::backing_off, "s", "it crashed", "wait"});
  auto answer = ask<rpc_answer>(calls, call_to("s", "1"));
  CHECK(answer.why->what == failure::kind::backing_off);
  auto as_tool = call_to("s", "2");
  as_tool.tell_as_tool_result = true;
  auto told = ask<rpc_answer>(calls, std::move(as_tool));
  CHECK(told.kind == answer_kind::result);
  CHECK(told.body.view() == R"({"content":[{"type":"text","text":"it crashed. wait"}],"isError":true})");
}

TEST_CASE_FIXTURE(path, "more calls than the bound are refused") {
  std::vector<asked<rpc_answer>> pending;
  for (int i = 0; i < 4; ++i)
    pending.push_back(begin_ask<rpc_answer>(calls, call_to("s", std::to_string(i))));
  settle();
  CHECK(ask<rpc_answer>(calls, call_to("s", "x")).why->what == failure::kind::overloaded);
}

TEST_CASE_FIXTURE(path, "draining waits for what is in flight, refuses what is new, and ends in time") {
  auto quick = begin_ask<rpc_answer>(calls, call_to("s", "1"));
  auto slow = begin_ask<rpc_answer>(calls, call_to("s", "2"));
  settle();
  auto drained = begin_ask<calls_drained>(calls, drain_calls{5s});
  settle();
  CHECK(ask<rpc_answer>(calls, call_to("s", "3")).why->what == failure::kind::shutting_down);
  answer(server, 0, "{}");
  CHECK(quick.value().kind == answer_kind::result);
  CHECK_FALSE(drained.answered());
  pass(6s);
  REQUIRE(drained.answered());
  CHECK(drained.value().abandoned == 1);
  CHECK(slow.value().why->what == failure::kind::shutting_down);
}
