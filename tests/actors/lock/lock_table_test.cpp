#include "actors/lock/lock_table.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("lock table");

namespace {

/// A table with a clock that is moved by hand.
struct locks {
  lock_table table{1000, {4, 2, 2}};
  lock_table::time now{1h};
  lock_table::answers out;
  uint64_t numbers = 0;

  static take_lock wish(std::string name, uint64_t scope, std::chrono::milliseconds wait = 0ms,
                        std::chrono::milliseconds lease = 10s) {
    take_lock x;
    x.name = std::move(name);
    x.owner = {scope, "client " + std::to_string(scope)};
    x.lease = lease;
    x.wait = wait;
    x.request_scope = scope;
    x.request_id = "\"r\"";
    return x;
  }

  uint64_t take(const take_lock& x) {
    table.take(++numbers, x, now, out);
    return numbers;
  }

  /// The answer to a request; null as long as it waits.
  const lock_taken* answer(uint64_t number) const {
    for (auto& [n, x] : out)
      if (n == number)
        return &x;
    return nullptr;
  }

  lock_outcome outcome(uint64_t number) const {
    auto* x = answer(number);
    REQUIRE(x);
    return x->outcome;
  }

  void pass(std::chrono::milliseconds time) {
    auto end = now + time;
    while (table.next_tick() <= end) {
      now = std::max(now, table.next_tick());
      table.tick(now, out);
    }
    now = end;
  }

  lock_outcome release(std::string name, uint64_t scope, uint64_t token = 0) {
    return table.release({std::move(name), {scope, ""}, token}, now, out).outcome;
  }
};

} // namespace

TEST_CASE_FIXTURE(locks, "a free lock is granted at once, with a token") {
  auto a = take(wish("db", 1));
  CHECK(outcome(a) == lock_outcome::granted);
  CHECK(answer(a)->token == 1001);
  CHECK(answer(a)->lease == 10s);
}

TEST_CASE_FIXTURE(locks, "a lock that is held is refused to who does not wait, with its holder") {
  take(wish("db", 1));
  pass(4s);
  auto b = take(wish("db", 2));
  CHECK(outcome(b) == lock_outcome::busy);
  CHECK(answer(b)->holder == "client 1");
  CHECK(answer(b)->holder_lease == 6s);
}

TEST_CASE_FIXTURE(locks, "a lock goes to who waits longest, with a greater token each time") {
  auto a = take(wish("db", 1));
  auto b = take(wish("db", 2, 60s));
  auto c = take(wish("db", 3, 60s));
  CHECK(!answer(b));
  CHECK(release("db", 1) == lock_outcome::granted);
  CHECK(outcome(b) == lock_outcome::granted);
  CHECK(!answer(c));
  CHECK(release("db", 2) == lock_outcome::granted);
  CHECK(outcome(c) == lock_outcome::granted);
  CHECK(answer(a)->token < answer(b)->token);
  CHECK(answer(b)->token < answer(c)->token);
}

TEST_CASE_FIXTURE(locks, "a lease that ends passes the lock on") {
  take(wish("db", 1));
  auto b = take(wish("db", 2, 60s));
  pass(9s);
  CHECK(!answer(b));
  pass(1s);
  CHECK(outcome(b) == lock_outcome::granted);
  CHECK(release("db", 1) == lock_outcome::not_held);
}

TEST_CASE_FIXTURE(locks, "the holder gets another lease under the same token") {
  auto a = take(wish("db", 1));
  pass(9s);
  auto again = take(wish("db", 1));
  CHECK(outcome(again) == lock_outcome::granted);
  CHECK(answer(again)->token == answer(a)->token);
  pass(9s);
  CHECK(table.list(now).locks.size() == 1);
  pass(1s);
  CHECK(table.list(now).locks.empty());
}

TEST_CASE_FIXTURE(locks, "who renews a lock that is lost hears that, and does not get it anew") {
  auto a = take(wish("db", 1));
  pass(10s);
  auto renewal = wish("db", 1);
  renewal.token = answer(a)->token;
  CHECK(outcome(take(renewal)) == lock_outcome::not_held);
  CHECK(table.list(now).locks.empty());
}

TEST_CASE_FIXTURE(locks, "a wait ends in time, and before the lease if that is longer") {
  take(wish("db", 1, 0ms, 60s));
  auto b = take(wish("db", 2, 5s));
  pass(4999ms);
  CHECK(!answer(b));
  pass(1ms);
  CHECK(outcome(b) == lock_outcome::busy);
  CHECK(answer(b)->holder_lease == 55s);
}

TEST_CASE_FIXTURE(locks, "a wait that ends with the lease gets the lock") {
  take(wish("db", 1));
  auto b = take(wish("db", 2, 10s));
  pass(10s);
  CHECK(outcome(b) == lock_outcome::granted);
}

TEST_CASE_FIXTURE(locks, "a session that ends gives up what it holds and what it waits for") {
  take(wish("a", 1));
  take(wish("b", 2));
  auto waits = take(wish("b", 1, 60s));
  auto next = take(wish("a", 3, 60s));
  table.end_owner(1, now, out);
  CHECK(outcome(waits) == lock_outcome::cancelled);
  CHECK(outcome(next) == lock_outcome::granted);
  CHECK(table.list(now).locks.size() == 2);
}

TEST_CASE_FIXTURE(locks, "a request that is taken back waits no more") {
  take(wish("db", 1));
  auto b = take(wish("db", 2, 60s));
  auto c = take(wish("db", 3, 60s));
  table.cancel({2, "\"r\""}, out);
  CHECK(outcome(b) == lock_outcome::cancelled);
  table.cancel({3, "\"other\""}, out);
  CHECK(!answer(c));
  release("db", 1);
  CHECK(outcome(c) == lock_outcome::granted);
}

TEST_CASE_FIXTURE(locks, "nobody releases the lock of another, not even with its token") {
  auto a = take(wish("db", 1));
  CHECK(release("db", 2) == lock_outcome::not_held);
  CHECK(release("db", 2, answer(a)->token) == lock_outcome::not_held);
  CHECK(release("nothing", 1) == lock_outcome::not_held);
  CHECK(table.list(now).locks.size() == 1);
}

TEST_CASE_FIXTURE(locks, "clients without a session are told apart by their tokens") {
  auto first = wish("db", 7);
  first.owner.by_token = true;
  auto a = take(first);
  auto b = take(first);
  CHECK(outcome(b) == lock_outcome::busy);
  CHECK(table.release({"db", first.owner, 0}, now, out).outcome == lock_outcome::not_held);
  auto renewal = first;
  renewal.token = answer(a)->token;
  CHECK(outcome(take(renewal)) == lock_outcome::granted);
  CHECK(table.release({"db", first.owner, answer(a)->token}, now, out).outcome == lock_outcome::granted);
}

TEST_CASE_FIXTURE(locks, "locks, those of a session, and those who wait are bounded") {
  take(wish("a", 1));
  take(wish("b", 1));
  auto third = take(wish("c", 1));
  CHECK(outcome(third) == lock_outcome::overloaded);
  CHECK(answer(third)->message.find("this session holds 2") != std::string::npos);
  take(wish("c", 2));
  take(wish("d", 2));
  CHECK(outcome(take(wish("e", 3))) == lock_outcome::overloaded);
  take(wish("a", 3, 60s));
  take(wish("a", 4, 60s));
  CHECK(outcome(take(wish("a", 5, 60s))) == lock_outcome::overloaded);
}

TEST_CASE_FIXTURE(locks, "a table that is empty waits for nothing") {
  CHECK(table.next_tick() == lock_table::time::max());
  take(wish("db", 1));
  CHECK(table.next_tick() == now + 10s);
  release("db", 1);
  CHECK(table.next_tick() == lock_table::time::max());
}
