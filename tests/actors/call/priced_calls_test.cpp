#include "actors/cache/cache_shard.hpp"
#include "actors/call/calls.hpp"
#include "messages/rpc/json_scan.hpp"

#include "tests/support/fakes.hpp"
#include "tests/support/stage.hpp"

#include <string>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("priced calls");

namespace {

constexpr int64_t noon = 1'767'616'200;

/// What a ledger was told; it answers when the test lets it.
struct ledger_record {
  std::vector<settle_costs> told;
  std::vector<reply<costs_kept>> open;
  bool hangs = false;
};

ledger_actor::behavior_type fake_ledger(ledger_actor::pointer self, std::shared_ptr<ledger_record> record) {
  return {
    [self, record](const settle_costs& x) -> caf::result<costs_kept> {
      record->told.push_back(x);
      if (!record->hangs)
        return costs_kept{true};
      auto promise = self->make_response_promise<costs_kept>();
      record->open.emplace_back(promise);
      return promise;
    },
    [record](const get_report&) {
      for (auto& x : std::exchange(record->open, {}))
        x.deliver(costs_kept{true});
      return report{};
    },
  };
}

/// A call path with a ledger between a fake supervisor and a fake server.
struct priced_path : test::stage {
  std::shared_ptr<test::backend_record> server = std::make_shared<test::backend_record>();
  std::shared_ptr<test::supervisor_record> lives = std::make_shared<test::supervisor_record>();
  std::shared_ptr<ledger_record> book = std::make_shared<ledger_record>();
  supervisor_actor supervisor = system.spawn(test::fake_supervisor, lives);
  ledger_actor ledger = system.spawn(fake_ledger, book);
  cache_shard_actor shard = system.spawn(cache_shard, kept_limits{});
  std::shared_ptr<budget_cell> budgets = std::make_shared<budget_cell>(std::make_shared<const budget_list>());
  std::shared_ptr<int64_t> wall = std::make_shared<int64_t>(noon);
  call_actor calls = system.spawn(hub::calls, settings());
  std::shared_ptr<client_context> client = std::make_shared<client_context>();
  int last_id = 0;

  call_settings settings() {
    call_settings result;
    result.supervisor = supervisor;
    result.time_limit = 10s;
    result.cache = {shard};
    result.ledger = ledger;
    result.budgets = budgets;
    result.wall_clock = [wall = wall] { return *wall; };
    return result;
  }

  priced_path() {
    lives->backend = system.spawn(test::fake_backend, server);
    client->name = "tester";
  }

  ~priced_path() {
    for (auto& x : {caf::actor_cast<caf::actor>(calls), caf::actor_cast<caf::actor>(supervisor), caf::actor_cast<caf::actor>(ledger),
                    caf::actor_cast<caf::actor>(lives->backend), caf::actor_cast<caf::actor>(shard)})
      anon_send_exit(x, caf::exit_reason::user_shutdown);
    lives->backend = nullptr;
  }

  void allow(int64_t cents, budget::period per = budget::period::day) {
    budgets->store(std::make_shared<const budget_list>(budget_list{{budget::kind::global, {}, per, money::of_cents(cents)}}));
  }

  make_call call(price x) {
    make_call result;
    result.key = {1, std::to_string(++last_id)};
    result.server = "s";
    result.method = "tools/call";
    result.params = json_text{R"({"name":"t"})"};
    result.client = client;
    result.price = std::make_shared<const price>(std::move(x));
    return result;
  }

  make_call call(int64_t cents = 1) {
    price x;
    x.per_call = money::of_cents(cents);
    return call(x);
  }

  asked<rpc_answer> begin(make_call x) {
    auto result = begin_ask<rpc_answer>(calls, std::move(x));
    settle();
    return result;
  }

  /// Lets the server answer what it was asked at a place.
  void answer(size_t place, std::string result = R"({"content":[]})") {
    server->plan.emplace_back(place, std::move(result));
    self->send(lives->backend, backend_tick{});
    settle();
  }

  money told() {
    money sum;
    for (auto& x : book->told)
      for (auto& entry : x.entries)
        sum += entry.cost;
    return sum;
  }
};

bool is_refusal(const rpc_answer& x) {
  return rpc::member(x.body.view(), "isError") == "true" && !rpc::member(rpc::member(x.body.view(), "_meta"), "hub/budget").empty();
}

} // namespace

TEST_CASE_FIXTURE(priced_path, "a call is paid when it worked, and says what it has cost") {
  auto pending = begin(call(3));
  answer(0);
  CHECK(rpc::member(rpc::member(pending.value().body.view(), "_meta"), "hub/cost") == R"({"cents":3})");
  REQUIRE(book->told.size() == 1);
  auto& entry = book->told[0].entries.at(0);
  CHECK(entry.server == "s");
  CHECK(entry.tool == "t");
  CHECK(entry.client == "tester");
  CHECK(entry.cost == money::of_cents(3));
}

TEST_CASE_FIXTURE(priced_path, "a call without a price has nothing to do with the ledger") {
  allow(0);
  auto x = call();
  x.price = nullptr;
  auto pending = begin(std::move(x));
  answer(0);
  CHECK(pending.value().body.view() == R"({"content":[]})");
  CHECK(book->told.empty());
}

TEST_CASE_FIXTURE(priced_path, "a call over the budget does not reach its server, and its answer says why") {
  allow(5);
  auto first = begin(call(4));
  answer(0);
  auto second = begin(call(2));
  CHECK(server->open.size() == 1);
  REQUIRE(is_refusal(second.value()));
  auto text = std::string{second.value().body.view()};
  for (auto* part : {"4 of 5 cents are spent", "2026-01-06 00:00 UTC", R"(\"global per day\")", "cost 2 cents", "in 11 h 30 min"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part << " in " << text);
  CHECK(lives->ended.size() == 1);
  // The next day there is money again.
  *wall += 86'400;
  auto third = begin(call(2));
  CHECK(server->open.size() == 2);
}

TEST_CASE_FIXTURE(priced_path, "calls at once never overspend together") {
  allow(10);
  std::vector<asked<rpc_answer>> all;
  for (int i = 0; i < 50; ++i)
    all.push_back(begin_ask<rpc_answer>(calls, call(3)));
  settle();
  CHECK(server->open.size() == 3);
  for (size_t i = 0; i < 3; ++i)
    answer(i);
  auto refused = 0;
  for (auto& x : all)
    refused += is_refusal(x.value());
  CHECK(refused == 47);
  CHECK(told() == money::of_cents(9));
}

TEST_CASE_FIXTURE(priced_path, "what failed is not paid, and its money is free again") {
  allow(1);
  auto failed = begin(call());
  answer(0, R"({"content":[],"isError":true})");
  CHECK(failed.answered());
  lives->why = std::make_shared<failure>(failure{failure::kind::start_failed, "s", "no", "such"});
  anon_send_exit(lives->backend, caf::exit_reason::user_shutdown);
  settle();
  auto unstarted = begin(call());
  CHECK(unstarted.value().kind == answer_kind::failure);
  CHECK(book->told.empty());
  lives->why = nullptr;
  lives->backend = system.spawn(test::fake_backend, server);
  auto last = begin(call());
  answer(0);
  CHECK(told() == money::of_cents(1));
}

TEST_CASE_FIXTURE(priced_path, "a call that is given up while its server is at work counts as paid") {
  allow(2);
  auto late = begin(call());
  pass(11s);
  CHECK(late.value().kind == answer_kind::failure);
  auto x = call();
  auto key = x.key;
  auto cancelled = begin(std::move(x));
  self->send(calls, cancel_call{key, "no need"});
  settle();
  CHECK(told() == money::of_cents(2));
  CHECK(is_refusal(begin(call()).value()));
}

TEST_CASE_FIXTURE(priced_path, "an answer waits for the disk, but not for one that hangs") {
  book->hangs = true;
  auto first = begin(call());
  answer(0);
  CHECK_FALSE(first.answered());
  ask<report>(ledger, get_report{});
  CHECK(first.answered());
  auto second = begin(call());
  answer(1);
  pass(200ms);
  CHECK_FALSE(second.answered());
  pass(200ms);
  CHECK(second.answered());
  // As long as it hangs, nobody waits.
  auto third = begin(call());
  answer(2);
  CHECK(third.answered());
  ask<report>(ledger, get_report{});
  auto fourth = begin(call());
  answer(3);
  CHECK_FALSE(fourth.answered());
  pass(400ms);
  CHECK(fourth.answered());
}

TEST_CASE_FIXTURE(priced_path, "the hub is drained when the last cost is on disk") {
  book->hangs = true;
  auto pending = begin(call());
  answer(0);
  auto drained = begin_ask<calls_drained>(calls, drain_calls{5s});
  settle();
  CHECK_FALSE(drained.answered());
  ask<report>(ledger, get_report{});
  CHECK(pending.answered());
  CHECK(drained.answered());
}

TEST_CASE_FIXTURE(priced_path, "a ledger that is gone does not keep answers") {
  anon_send_exit(ledger, caf::exit_reason::user_shutdown);
  settle();
  auto pending = begin(call());
  answer(0);
  CHECK(pending.answered());
}

TEST_CASE_FIXTURE(priced_path, "a read that its budget refuses has missed nothing, since its server was not asked") {
  allow(1);
  cache_rule rule;
  rule.what = cache_rule::kind::read;
  rule.ttl = 60s;
  auto x = call(2);
  x.cache_rule = std::make_shared<const cache_rule>(rule);
  auto refused = begin(std::move(x));
  REQUIRE(is_refusal(refused.value()));
  CHECK(refused.value().cache == cache_use::none);
}

TEST_CASE_FIXTURE(priced_path, "a result from the cache costs nothing, and is counted as saved") {
  allow(2);
  cache_rule rule;
  rule.what = cache_rule::kind::read;
  rule.ttl = 60s;
  auto kept = std::make_shared<const cache_rule>(rule);
  auto read = [&] {
    auto x = call(2);
    x.cache_rule = kept;
    return begin(std::move(x));
  };
  auto first = read();
  auto follower = read();
  answer(0);
  auto hit = read();
  CHECK(follower.value().cache == cache_use::shared);
  CHECK(hit.value().cache == cache_use::hit);
  for (auto* x : {&follower, &hit})
    CHECK(rpc::member(rpc::member(x->value().body.view(), "_meta"), "hub/cost").empty());
  CHECK(server->open.size() == 1);
  CHECK(told() == money::of_cents(2));
  money saved;
  for (auto& x : book->told)
    for (auto& entry : x.entries)
      saved += entry.saved;
  CHECK(saved == money::of_cents(4));
}

TEST_CASE_FIXTURE(priced_path, "a price that is known only afterwards is reserved by what calls have cost at most") {
  allow(10);
  price x;
  x.field = {"cost"};
  auto first = begin(call(x));
  answer(0, R"({"cost":4})");
  auto second = begin(call(x));
  auto third = begin(call(x));
  CHECK(server->open.size() == 2);
  CHECK(is_refusal(third.value()));
  answer(1, R"({"cost":1})");
  CHECK(told() == money::of_cents(5));
  x.at_most = money::of_cents(6);
  CHECK(is_refusal(begin(call(x)).value()));
}

TEST_CASE_FIXTURE(priced_path, "a call in a cascade goes to the cheapest tool, and on to the next if that is none") {
  auto choice = [&](std::string tool, int64_t cents) {
    price x;
    x.per_call = money::of_cents(cents);
    call_choice result{"s", tool, json_text{R"({"name":")" + tool + "\"}"}};
    if (cents > 0)
      result.price = std::make_shared<const price>(x);
    return result;
  };
  auto cascading = [&](bool may_fall = true) {
    auto x = call(5);
    x.params = json_text{R"({"name":"dear"})"};
    x.choices = std::make_shared<const call_choices>(
      call_choices{"find", {choice("dear", 5), choice("cheap", 1), choice("free", 0)}, 0, may_fall});
    return begin(std::move(x));
  };
  allow(5);
  auto first = cascading();
  REQUIRE(server->open.size() == 1);
  CHECK(server->open[0].request.params.view() == R"({"name":"free"})");
  answer(0, R"({"content":[{"type":"text","text":"no"}],"isError":true})");
  REQUIRE(server->open.size() == 2);
  CHECK(server->open[1].request.params.view() == R"({"name":"cheap"})");
  CHECK_FALSE(first.answered());
  answer(1);
  auto meta = rpc::member(first.value().body.view(), "_meta");
  CHECK(rpc::member(meta, "hub/cascade") == R"({"name":"find","tool":"s__cheap","tried":[{"tool":"s__free","why":"no"}]})");
  CHECK(rpc::member(meta, "hub/cost") == R"({"cents":1})");
  // Each try is a call of its server, and told as one.
  CHECK(lives->ended.size() == 2);
  // What failed comes last for a while, and what the budget does not allow is passed over.
  allow(1);
  auto second = cascading();
  REQUIRE(server->open.size() == 3);
  CHECK(server->open[2].request.params.view() == R"({"name":"free"})");
  answer(2);
  CHECK(rpc::member(rpc::member(rpc::member(second.value().body.view(), "_meta"), "hub/cascade"), "tried")
        == R"([{"tool":"s__cheap","why":"over budget"},{"tool":"s__dear","why":"over budget"}])");
  pass(61s);
  auto third = cascading();
  answer(3, R"({"content":[],"isError":true})");
  REQUIRE(is_refusal(third.value()));
  CHECK(third.value().body.view().find("no other tool of the cascade find") != std::string_view::npos);
  // Where it must not fall, the others are told, but not those that have just failed.
  allow(3);
  auto fourth = cascading(false);
  CHECK(fourth.value().body.view().find("Cheaper equivalents: s__cheap (1 cent).") != std::string_view::npos);
  pass(61s);
  auto fifth = cascading(false);
  CHECK(fifth.value().body.view().find("Cheaper equivalents: s__cheap (1 cent), s__free (0 cents).") != std::string_view::npos);
  CHECK(server->open.size() == 4);
  CHECK(ask<call_counts>(calls, get_call_counts{}).in_flight == 0);
}

TEST_CASE_FIXTURE(priced_path, "a call in a cascade that is taken back goes nowhere else") {
  auto x = call(5);
  auto key = x.key;
  x.choices = std::make_shared<const call_choices>(call_choices{
    "find", {{"s", "a", json_text{R"({"name":"a"})"}}, {"s", "b", json_text{R"({"name":"b"})"}}}, 0, true});
  auto pending = begin(std::move(x));
  self->send(calls, cancel_call{key, "no need"});
  settle();
  CHECK(pending.value().kind == answer_kind::cancelled);
  CHECK(server->open.size() == 1);
}

TEST_SUITE_END();
