#include "actors/lock/lock_keeper.hpp"

#include "tests/support/stage.hpp"

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("lock keeper");

namespace {

struct session_stand_in_state {
  static constexpr const char* name = "session";
};

/// A session that only has an end.
session_actor::behavior_type session_stand_in(session_actor::stateful_pointer<session_stand_in_state> self) {
  return {
    [](const client_request&) { return rpc_answer{}; },
    [](const client_notification&) {},
    [](const client_question&) { return rpc_answer{}; },
    [](const question_lost&) {},
    [](const session_notice&) {},
    [](const resource_changed&) {},
    [](const open_stream&) { return rpc_answer{}; },
    [self](const exchange_closed&) { self->quit(); },
  };
}

struct keeper_stage : stage {
  lock_actor keeper = system.spawn(lock_keeper, lock_settings{1000, {}});
  session_actor one = system.spawn(session_stand_in);
  session_actor two = system.spawn(session_stand_in);

  ~keeper_stage() {
    for (auto& x : {one, two})
      self->send_exit(x, caf::exit_reason::kill);
    self->send_exit(keeper, caf::exit_reason::kill);
  }

  take_lock wish(uint64_t scope, std::chrono::milliseconds wait = 60s) {
    take_lock x;
    x.name = "db";
    x.owner = {scope, "client"};
    x.lease = 10s;
    x.wait = wait;
    x.request_scope = scope;
    x.request_id = "1";
    x.session = scope == 1 ? one : two;
    return x;
  }

  asked<lock_taken> begin(take_lock x) {
    auto result = begin_ask<lock_taken>(keeper, std::move(x));
    settle();
    return result;
  }

  void end(const session_actor& x) {
    self->send(x, exchange_closed{});
    settle();
  }
};

} // namespace

TEST_CASE_FIXTURE(keeper_stage, "who waits gets the lock when its lease ends, with a greater token") {
  auto first = begin(wish(1));
  auto second = begin(wish(2));
  CHECK(first.value().token == 1001);
  pass(9s);
  CHECK_FALSE(second.answered());
  pass(1s);
  CHECK(second.value().outcome == lock_outcome::granted);
  CHECK(second.value().token == 1002);
}

TEST_CASE_FIXTURE(keeper_stage, "a lock is free when its session ends") {
  begin(wish(1));
  auto second = begin(wish(2));
  end(one);
  CHECK(second.value().outcome == lock_outcome::granted);
}

TEST_CASE_FIXTURE(keeper_stage, "a session that ends waits no more") {
  begin(wish(1));
  auto second = begin(wish(2));
  end(two);
  CHECK(second.value().outcome == lock_outcome::cancelled);
}

TEST_CASE_FIXTURE(keeper_stage, "a wait ends in time") {
  begin(wish(1));
  auto second = begin(wish(2, 3s));
  pass(3s);
  CHECK(second.value().outcome == lock_outcome::busy);
}

TEST_CASE_FIXTURE(keeper_stage, "a request that is taken back is answered") {
  begin(wish(1));
  auto second = begin(wish(2));
  self->send(keeper, cancel_lock_wait{2, "1"});
  settle();
  CHECK(second.value().outcome == lock_outcome::cancelled);
}

TEST_CASE_FIXTURE(keeper_stage, "a lock that is given back goes to the next") {
  begin(wish(1));
  auto second = begin(wish(2));
  CHECK(ask<lock_released>(keeper, release_lock{"db", {1, ""}, 0}).outcome == lock_outcome::granted);
  CHECK(second.value().outcome == lock_outcome::granted);
  auto listed = ask<locks_listed>(keeper, list_locks{});
  REQUIRE(listed.locks.size() == 1);
  CHECK(listed.locks[0].token == 1002);
}

TEST_CASE_FIXTURE(keeper_stage, "those who wait are told when the keeper dies") {
  begin(wish(1));
  auto second = begin(wish(2));
  self->send_exit(keeper, caf::exit_reason::kill);
  settle();
  CHECK(second.error());
}

TEST_CASE_FIXTURE(keeper_stage, "a keeper that is started now gives tokens that are greater than those of one before") {
  auto later = system.spawn(lock_keeper, lock_settings{});
  auto token = ask<lock_taken>(later, wish(1)).token;
  CHECK(token > 1'700'000'000'000'000);
  CHECK(token < uint64_t{1} << 53);
  self->send_exit(later, caf::exit_reason::kill);
}
