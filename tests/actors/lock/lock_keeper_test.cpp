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

namespace {

/// What a mesh says, and what it was asked.
struct mesh_record {
  mesh_lock_outcome says = mesh_lock_outcome::granted;
  std::vector<std::string> taken;
  std::vector<std::string> released;
};

mesh_lock_actor::behavior_type fake_mesh(mesh_lock_actor::pointer, std::shared_ptr<mesh_record> record) {
  return {
    [record](const take_mesh_lock& x) {
      record->taken.push_back(x.name);
      return mesh_lock_taken{record->says, "you", 7};
    },
    [record](const release_mesh_lock& x) { record->released.push_back(x.name); },
  };
}

struct mesh_keeper_stage : keeper_stage {
  std::shared_ptr<mesh_record> record = std::make_shared<mesh_record>();
  std::shared_ptr<memory_port> port = std::make_shared<memory_port>();
  mesh_lock_actor mesh = system.spawn(fake_mesh, record);

  mesh_keeper_stage() {
    self->send_exit(keeper, caf::exit_reason::kill);
    port->mesh_wanted = true;
    keeper = system.spawn(lock_keeper, lock_settings{1000, {}, mesh, port});
    settle();
  }

  ~mesh_keeper_stage() {
    self->send_exit(mesh, caf::exit_reason::kill);
  }

  lock_outcome release(uint64_t scope) {
    return ask<lock_released>(keeper, release_lock{"db", {scope, "client"}}).outcome;
  }
};

} // namespace

TEST_CASE_FIXTURE(mesh_keeper_stage, "a lock is taken in the mesh once for all of this hub, and given back behind the last one") {
  auto first = begin(wish(1));
  CHECK(first.value().outcome == lock_outcome::granted);
  CHECK(first.value().in_mesh);
  auto second = begin(wish(2));
  CHECK(release(1) == lock_outcome::granted);
  CHECK(second.value().in_mesh);
  // Our own tokens order the holders of this machine.
  CHECK(second.value().token == first.value().token + 1);
  CHECK(record->taken == std::vector<std::string>{"db"});
  CHECK(record->released.empty());
  CHECK(release(2) == lock_outcome::granted);
  CHECK(record->released == std::vector<std::string>{"db"});
}

TEST_CASE_FIXTURE(mesh_keeper_stage, "a lock that another agent has is waited for as long as its asker likes") {
  record->says = mesh_lock_outcome::busy;
  auto none = begin(wish(1, 0s));
  CHECK(none.value().outcome == lock_outcome::busy);
  CHECK(none.value().holder == "agent you of the mesh");
  auto waits = begin(wish(1, 5s));
  pass(1s);
  pass(1s);
  CHECK_FALSE(waits.answered());
  record->says = mesh_lock_outcome::granted;
  pass(1s);
  CHECK(waits.value().outcome == lock_outcome::granted);
  CHECK(release(1) == lock_outcome::granted);
  record->says = mesh_lock_outcome::busy;
  auto gives_up = begin(wish(2, 2s));
  for (auto i = 0; i < 3; ++i)
    pass(1s);
  CHECK(gives_up.value().outcome == lock_outcome::busy);
  CHECK(ask<locks_listed>(keeper, list_locks{}).locks.empty());
}

TEST_CASE_FIXTURE(mesh_keeper_stage, "without a mesh that answers a lock holds in this hub alone") {
  record->says = mesh_lock_outcome::off;
  CHECK_FALSE(begin(wish(1)).value().in_mesh);
  port->mesh_wanted = false;
  record->taken.clear();
  CHECK(release(1) == lock_outcome::granted);
  CHECK(begin(wish(1)).value().outcome == lock_outcome::granted);
  CHECK(record->taken.empty());
}

TEST_CASE_FIXTURE(mesh_keeper_stage, "a request that is taken back, or whose session ends, leaves nothing in the mesh") {
  record->says = mesh_lock_outcome::busy;
  auto cancelled = begin(wish(1));
  CHECK_FALSE(cancelled.answered());
  self->send(keeper, cancel_lock_wait{1, "1"});
  settle();
  CHECK(cancelled.value().outcome == lock_outcome::cancelled);
  CHECK(ask<locks_listed>(keeper, list_locks{}).locks.empty());
  record->says = mesh_lock_outcome::granted;
  begin(wish(1));
  end(one);
  CHECK(record->released == std::vector<std::string>{"db"});
}
