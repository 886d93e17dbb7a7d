#include "actors/cache/cache_shard.hpp"
#include "actors/call/calls.hpp"
#include "messages/access.hpp"

#include "tests/support/fakes.hpp"
#include "tests/support/stage.hpp"

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("cached calls");

namespace {

cache_rule_ptr reading(std::chrono::milliseconds ttl = 60s) {
  cache_rule rule;
  rule.what = cache_rule::kind::read;
  rule.ttl = ttl;
  return std::make_shared<const cache_rule>(rule);
}

cache_rule_ptr writing() {
  cache_rule rule;
  rule.what = cache_rule::kind::write;
  return std::make_shared<const cache_rule>(rule);
}

/// A call path with a cache between a fake supervisor and a fake server.
struct cached_path : test::stage {
  std::shared_ptr<test::backend_record> server = std::make_shared<test::backend_record>();
  std::shared_ptr<test::supervisor_record> lives = std::make_shared<test::supervisor_record>();
  supervisor_actor supervisor = system.spawn(test::fake_supervisor, lives);
  std::vector<cache_shard_actor> shards{system.spawn(cache_shard, kept_limits{}), system.spawn(cache_shard, kept_limits{})};
  call_actor calls = system.spawn(hub::calls, settings());
  std::shared_ptr<client_context> client = std::make_shared<client_context>();
  int last_id = 0;

  call_settings settings() {
    call_settings result;
    result.supervisor = supervisor;
    result.time_limit = 10s;
    result.cache = shards;
    return result;
  }

  cached_path() {
    lives->backend = system.spawn(test::fake_backend, server);
  }

  ~cached_path() {
    for (auto& x : {caf::actor_cast<caf::actor>(calls), caf::actor_cast<caf::actor>(supervisor),
                    caf::actor_cast<caf::actor>(lives->backend), caf::actor_cast<caf::actor>(shards[0]),
                    caf::actor_cast<caf::actor>(shards[1])})
      anon_send_exit(x, caf::exit_reason::user_shutdown);
    lives->backend = nullptr;
  }

  make_call call(cache_rule_ptr rule, uint64_t scope = 1, const std::string& params = R"({"name":"t"})") {
    make_call result;
    result.key = {scope, std::to_string(++last_id)};
    result.server = "s";
    result.method = "tools/call";
    result.params = json_text{params};
    result.client = client;
    result.cache_rule = std::move(rule);
    return result;
  }

  asked<rpc_answer> begin(make_call x) {
    auto result = begin_ask<rpc_answer>(calls, std::move(x));
    settle();
    return result;
  }

  asked<rpc_answer> read(uint64_t scope = 1) {
    return begin(call(reading(), scope));
  }

  /// Lets the server answer what it was asked at a place.
  void answer(size_t place, std::string result = R"({"content":[]})") {
    server->plan.emplace_back(place, std::move(result));
    self->send(lives->backend, backend_tick{});
    settle();
  }

  void write() {
    auto place = server->open.size();
    auto pending = begin(call(writing()));
    answer(place);
    CHECK(pending.answered());
  }

  size_t asked_of_server() const {
    return server->open.size();
  }

  cache_figures figures() {
    auto all = ask<cache_figures_told>(calls, get_cache_figures{}).servers;
    return all.empty() ? cache_figures{} : all.front();
  }
};

} // namespace

TEST_CASE_FIXTURE(cached_path, "a kept result answers without the server, and says so") {
  auto first = read();
  answer(0, R"({"a":1})");
  CHECK(first.value().cache == cache_use::miss);
  auto second = read();
  CHECK(second.value().body.view() == R"({"a":1})");
  CHECK(second.value().cache == cache_use::hit);
  CHECK(asked_of_server() == 1);
  // Nobody asked for a run of the server, and its figures are those of its own calls.
  CHECK(lives->needed == 1);
  CHECK(lives->ended.size() == 1);
  CHECK(figures().hits == 1);
  CHECK(figures().misses == 1);
  CHECK(figures().entries == 1);
}

TEST_CASE_FIXTURE(cached_path, "a call without a rule passes as it is") {
  auto pending = begin(call(nullptr));
  answer(0);
  CHECK(pending.value().cache == cache_use::none);
  CHECK_FALSE(server->open[0].request.may_be_joined);
  CHECK(figures().misses == 0);
}

TEST_CASE_FIXTURE(cached_path, "a result is asked for anew when its time is up") {
  auto first = read();
  answer(0);
  pass(61s);
  auto second = read();
  CHECK_FALSE(second.answered());
  CHECK(asked_of_server() == 2);
}

TEST_CASE_FIXTURE(cached_path, "equal calls in flight share one, and each hears of its progress") {
  auto with_token = [&](uint64_t scope, const std::string& token) {
    return begin(call(reading(), scope, R"({"name":"t","_meta":{"progressToken":)" + token + "}}"));
  };
  auto first = read(1);
  auto second = with_token(2, "\"two\"");
  auto third = with_token(3, "3");
  CHECK(asked_of_server() == 1);
  CHECK(server->open[0].request.may_be_joined);
  REQUIRE(server->joined.size() == 2);
  CHECK(server->joined[0].progress_token.view() == "\"two\"");
  CHECK(server->joined[1].progress_token.view() == "3");
  answer(0, R"({"a":1})");
  CHECK(first.value().cache == cache_use::miss);
  for (auto& x : {second, third}) {
    CHECK(x.value().cache == cache_use::shared);
    CHECK(x.value().body.view() == R"({"a":1})");
  }
  CHECK(figures().shared == 2);
  CHECK(ask<call_counts>(calls, get_call_counts{}).in_flight == 0);
}

TEST_CASE_FIXTURE(cached_path, "calls that come while the kept result is looked for get it, too") {
  auto first = read();
  answer(0);
  auto second = begin_ask<rpc_answer>(calls, call(reading(), 2));
  auto third = begin_ask<rpc_answer>(calls, call(reading(), 3));
  settle();
  CHECK(second.value().cache == cache_use::hit);
  CHECK(third.value().cache == cache_use::hit);
  CHECK(asked_of_server() == 1);
}

TEST_CASE_FIXTURE(cached_path, "other arguments and other principals share nothing") {
  auto first = read();
  auto other = begin(call(reading(), 2, R"({"name":"t","arguments":{"a":1}})"));
  client = std::make_shared<client_context>();
  client->who = std::make_shared<principal>(principal{"ann", "ann", "user", 0});
  auto ann = read(3);
  CHECK(asked_of_server() == 3);
  answer(0);
  answer(1);
  answer(2, R"({"of":"ann"})");
  auto hers = read(3);
  CHECK(hers.value().body.view() == R"({"of":"ann"})");
  client = std::make_shared<client_context>();
  client->who = std::make_shared<principal>(principal{"bob", "bob", "user", 0});
  auto his = read(4);
  CHECK_FALSE(his.answered());
}

TEST_CASE_FIXTURE(cached_path, "errors are shared by those who wait and kept for nobody") {
  auto first = read(1);
  auto second = read(2);
  answer(0, R"({"content":[],"isError":true})");
  CHECK(first.answered());
  CHECK(second.value().cache == cache_use::shared);
  auto third = read(3);
  CHECK_FALSE(third.answered());
  CHECK(asked_of_server() == 2);
}

TEST_CASE_FIXTURE(cached_path, "a write drops what was read before") {
  auto first = read();
  answer(0);
  write();
  auto second = read();
  CHECK_FALSE(second.answered());
  CHECK(asked_of_server() == 3);
}

TEST_CASE_FIXTURE(cached_path, "a read that a write overtakes is not kept, and not followed by who comes later") {
  auto before = read(1);
  auto wrote = begin(call(writing(), 2));
  auto during = read(3);
  answer(1);
  CHECK(wrote.answered());
  auto after = read(4);
  CHECK(asked_of_server() == 4);
  answer(0, R"({"of":"before"})");
  CHECK(before.value().body.view() == R"({"of":"before"})");
  CHECK_FALSE(during.answered());
  CHECK_FALSE(after.answered());
  answer(2, R"({"of":"during"})");
  auto later = read(5);
  CHECK_FALSE(later.answered());
  answer(3, R"({"of":"after"})");
  CHECK(later.value().body.view() == R"({"of":"after"})");
  auto last = read(6);
  CHECK(last.value().body.view() == R"({"of":"after"})");
}

TEST_CASE_FIXTURE(cached_path, "what was cleared while it was read is not kept") {
  auto first = read();
  CHECK(ask<results_dropped>(calls, drop_results{"s"}).entries == 0);
  answer(0);
  auto second = read();
  CHECK_FALSE(second.answered());
  answer(1);
  CHECK(ask<results_dropped>(calls, drop_results{""}).entries == 1);
  auto third = read();
  CHECK_FALSE(third.answered());
}

TEST_CASE_FIXTURE(cached_path, "who takes a call back takes it from nobody else") {
  auto first = begin(call(reading(), 1));
  auto second = begin(call(reading(), 2, R"({"name":"t","_meta":{"progressToken":"two"}})"));
  auto third = read(3);
  self->send(calls, cancel_call{{1, "1"}, ""});
  settle();
  CHECK(first.value().kind == answer_kind::cancelled);
  CHECK_FALSE(second.answered());
  CHECK(server->cancelled == 0);
  REQUIRE(server->redirected.size() == 1);
  CHECK(server->redirected[0].progress_token.view() == "\"two\"");
  REQUIRE(server->left.size() == 1);
  CHECK(server->left[0].listener == server->joined[0].listener);
  // Its id is free again, and the id of the one who has its place is not.
  auto again = call(nullptr, 2);
  again.key.id = "2";
  CHECK(ask<rpc_answer>(calls, again).kind == answer_kind::error);
  answer(0, R"({"a":1})");
  CHECK(second.value().body.view() == R"({"a":1})");
  CHECK(third.value().body.view() == R"({"a":1})");
  CHECK(ask<call_counts>(calls, get_call_counts{}).in_flight == 0);
}

TEST_CASE_FIXTURE(cached_path, "a follower that leaves costs nobody anything, and the last one ends the call") {
  auto first = read(1);
  auto second = read(2);
  self->send(calls, cancel_call{{2, "2"}, ""});
  settle();
  CHECK(second.value().kind == answer_kind::cancelled);
  CHECK_FALSE(first.answered());
  CHECK(server->left.size() == 1);
  self->send(calls, cancel_call{{1, "1"}, ""});
  settle();
  CHECK(first.value().kind == answer_kind::cancelled);
  CHECK(server->cancelled == 1);
}

TEST_CASE_FIXTURE(cached_path, "a client that dies takes its own calls with it and no others") {
  auto mine = read(1);
  auto mine_too = read(1);
  auto other = read(2);
  self->send(calls, cancel_scope{1});
  settle();
  CHECK(mine.value().kind == answer_kind::cancelled);
  CHECK(mine_too.value().kind == answer_kind::cancelled);
  CHECK_FALSE(other.answered());
  CHECK(server->cancelled == 0);
  self->send(calls, cancel_scope{2});
  settle();
  CHECK(other.answered());
  CHECK(server->cancelled == 1);
  CHECK(ask<call_counts>(calls, get_call_counts{}).in_flight == 0);
}

TEST_CASE_FIXTURE(cached_path, "a server that asks the client of a call answers that client alone") {
  auto first = read(1);
  auto second = read(2);
  auto third = read(3);
  CHECK(asked_of_server() == 1);
  begin_ask<rpc_answer>(calls, server_question{server->open[0].request.call, "roots/list", {}});
  settle();
  REQUIRE(asked_of_server() == 3);
  answer(0, R"({"of":1})");
  CHECK(first.value().body.view() == R"({"of":1})");
  CHECK_FALSE(second.answered());
  answer(1, R"({"of":2})");
  answer(2, R"({"of":3})");
  CHECK(second.value().body.view() == R"({"of":2})");
  CHECK(third.value().body.view() == R"({"of":3})");
  auto later = read(4);
  CHECK_FALSE(later.answered());
}

TEST_CASE_FIXTURE(cached_path, "an answer that wants input is for its asker alone") {
  client->era = era::stateless;
  server->stateless = true;
  auto first = read(1);
  auto second = read(2);
  answer(0, R"({"resultType":"input_required","inputRequests":{}})");
  CHECK(first.answered());
  CHECK_FALSE(second.answered());
  CHECK(asked_of_server() == 2);
}

TEST_CASE_FIXTURE(cached_path, "when the time of one call is up, the others have theirs") {
  auto first = read(1);
  pass(5s);
  auto second = read(2);
  pass(6s);
  REQUIRE(first.answered());
  CHECK(first.value().why->what == failure::kind::timed_out);
  CHECK_FALSE(second.answered());
  REQUIRE(asked_of_server() == 2);
  answer(1);
  CHECK(second.value().kind == answer_kind::result);
}

TEST_CASE_FIXTURE(cached_path, "a server that dies fails all who wait for it, and the cache goes on") {
  auto first = read(1);
  auto second = read(2);
  self->send_exit(lives->backend, caf::exit_reason::kill);
  settle();
  CHECK(first.value().why->what == failure::kind::crashed);
  CHECK(second.value().why->what == failure::kind::crashed);
  auto fresh = std::make_shared<test::backend_record>();
  server = fresh;
  lives->backend = system.spawn(test::fake_backend, fresh);
  auto third = read(3);
  CHECK(asked_of_server() == 1);
  answer(0);
  CHECK(read(4).value().cache == cache_use::hit);
}

TEST_CASE_FIXTURE(cached_path, "a server that cannot be started says so to each") {
  lives->why = std::make_shared<failure>(failure{failure::kind::start_failed, "s", "no", "fix"});
  auto first = begin_ask<rpc_answer>(calls, call(reading(), 1));
  auto second = begin_ask<rpc_answer>(calls, call(reading(), 2));
  settle();
  CHECK(first.value().why->what == failure::kind::start_failed);
  CHECK(second.value().why->what == failure::kind::start_failed);
}

TEST_CASE_FIXTURE(cached_path, "what a result says of itself counts more than the settings") {
  server->stateless = true;
  auto first = read();
  answer(0, R"({"resultType":"complete","ttlMs":0})");
  auto second = read();
  CHECK_FALSE(second.answered());
  answer(1, R"({"resultType":"complete","ttlMs":90000,"cacheScope":"public"})");
  pass(80s);
  client = std::make_shared<client_context>();
  client->who = std::make_shared<principal>(principal{"ann", "ann", "user", 0});
  auto third = read();
  CHECK(third.value().cache == cache_use::hit);
  // It says how long it is good for from now on.
  CHECK(third.value().body.view() == R"({"resultType":"complete","ttlMs":10000,"cacheScope":"public"})");
}

TEST_CASE_FIXTURE(cached_path, "what is shared only in flight is not kept") {
  auto first = begin(call(reading(0ms), 1));
  auto second = begin(call(reading(0ms), 2));
  CHECK(asked_of_server() == 1);
  answer(0);
  CHECK(second.value().cache == cache_use::shared);
  CHECK_FALSE(begin(call(reading(0ms), 3)).answered());
}

TEST_CASE_FIXTURE(cached_path, "a run of one session has nothing to do with others") {
  auto own = call(reading(), 1);
  own.isolated = 7;
  auto first = begin(own);
  auto second = read(2);
  CHECK(asked_of_server() == 2);
  CHECK_FALSE(server->open[0].request.may_be_joined);
}

TEST_CASE_FIXTURE(cached_path, "without its shards the cache is in nobody's way") {
  auto first = read();
  answer(0);
  for (auto& shard : shards)
    anon_send_exit(shard, caf::exit_reason::kill);
  settle();
  auto second = read();
  CHECK_FALSE(second.answered());
  answer(1);
  CHECK(second.value().cache == cache_use::miss);
}

TEST_CASE_FIXTURE(cached_path, "draining answers those who follow, too") {
  auto first = read(1);
  auto second = read(2);
  auto drained = begin_ask<calls_drained>(calls, drain_calls{1s});
  pass(2s);
  CHECK(first.value().why->what == failure::kind::shutting_down);
  CHECK(second.answered());
  REQUIRE(drained.answered());
}
