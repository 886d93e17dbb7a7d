#include "actors/call/calls.hpp"

#include "tests/support/fakes.hpp"
#include "tests/support/stage.hpp"

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("plugin guard");

namespace {

/// What a fake plugin was asked; it answers when the test says so.
struct plugin_record {
  std::vector<std::pair<std::shared_ptr<const intended_call>, reply<call_verdict>>> open;

  /// What it answers at the next `stop_plugin`, in the order of the questions.
  std::vector<call_verdict> plan;
};

struct fake_plugin_state {
  std::shared_ptr<plugin_record> record;

  ~fake_plugin_state() {
    // As a real one: what it owes is answered when it ends.
    if (record)
      record->open.clear();
  }
};

plugin_actor::behavior_type fake_plugin(plugin_actor::stateful_pointer<fake_plugin_state> self,
                                        std::shared_ptr<plugin_record> record) {
  self->state.record = record;
  return {
    [](const plugin_news&) {},
    [](const calls_ended&) {},
    [self, record](const before_call& x) -> caf::result<call_verdict> {
      auto promise = self->make_response_promise<call_verdict>();
      record->open.emplace_back(x.call, reply<call_verdict>{promise});
      return promise;
    },
    [record](stop_plugin) {
      auto open = std::exchange(record->open, {});
      for (size_t i = 0; i < open.size(); ++i)
        open[i].second.deliver(record->plan.at(i));
    },
  };
}

/// A call path that asks two plugins.
struct guarded_path : test::stage {
  std::shared_ptr<test::backend_record> server = std::make_shared<test::backend_record>();
  std::shared_ptr<test::supervisor_record> lives = std::make_shared<test::supervisor_record>();
  supervisor_actor supervisor = system.spawn(test::fake_supervisor, lives);
  wired_call_actor calls = system.spawn(hub::calls, call_settings{supervisor, 400, 10s});
  std::shared_ptr<plugin_record> one = std::make_shared<plugin_record>();
  std::shared_ptr<plugin_record> two = std::make_shared<plugin_record>();
  call_guard first{"one", system.spawn(fake_plugin, one), std::make_shared<plugin_gauge>(), 200ms};
  call_guard second{"two", system.spawn(fake_plugin, two), std::make_shared<plugin_gauge>(), 500ms};

  guarded_path() {
    lives->backend = system.spawn(test::fake_backend, server);
    guard({first, second});
  }

  ~guarded_path() {
    for (auto& x : {first.plugin, second.plugin})
      caf::anon_send_exit(x, caf::exit_reason::kill);
    caf::anon_send_exit(calls, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(lives->backend, caf::exit_reason::user_shutdown);
    lives->backend = nullptr;
  }

  void guard(std::vector<call_guard> guards) {
    self->send(calls, guards_changed{std::make_shared<const std::vector<call_guard>>(std::move(guards))});
    settle();
  }

  asked<rpc_answer> call(const std::string& id = "1") {
    make_call x;
    x.key = {1, id};
    x.server = "s";
    x.method = "tools/call";
    x.params = json_text{R"({"name":"t"})"};
    auto result = begin_ask<rpc_answer>(calls, std::move(x));
    settle();
    return result;
  }

  /// Lets a plugin answer all that it was asked.
  void say(const call_guard& who, plugin_record& record, std::vector<call_verdict> verdicts) {
    record.plan = std::move(verdicts);
    self->send(who.plugin, stop_plugin{});
    settle();
  }
};

constexpr auto deny = call_verdict::kind::deny;

} // namespace

TEST_CASE_FIXTURE(guarded_path, "a call goes to its server when every plugin has let it pass") {
  auto pending = call();
  REQUIRE(one->open.size() == 1);
  CHECK(one->open[0].first->server == "s");
  CHECK(one->open[0].first->params.view() == R"({"name":"t"})");
  say(first, *one, {{}});
  CHECK(server->open.empty());
  say(second, *two, {{}});
  CHECK(server->open.size() == 1);
  CHECK(first.gauge->passed == 1);
  CHECK(first.gauge->asked == 0);
  CHECK(ask<call_counts>(calls, get_call_counts{}).in_flight == 1);
}

TEST_CASE_FIXTURE(guarded_path, "one plugin that denies a call is enough, and its reason is told") {
  auto pending = call();
  say(second, *two, {{deny, "not on Fridays"}});
  REQUIRE(pending.value().why);
  CHECK(pending.value().why->what == failure::kind::denied);
  CHECK(pending.value().why->cause == "plugin two denies this call: not on Fridays");
  CHECK(server->open.empty());
  CHECK(second.gauge->denied == 1);
  // The server has nothing to do with it.
  CHECK(lives->ended.empty());
  // The other one answers to nobody.
  say(first, *one, {{}});
  CHECK(server->open.empty());
  CHECK(first.gauge->asked == 0);
}

TEST_CASE_FIXTURE(guarded_path, "a plugin is waited for as long as its limit says, and no longer") {
  auto pending = call();
  say(second, *two, {{}});
  pass(199ms);
  CHECK(server->open.empty());
  pass(1ms);
  CHECK(server->open.size() == 1);
  CHECK(first.gauge->unanswered == 1);
  // What it says now is too late.
  say(first, *one, {{deny, "late"}});
  CHECK_FALSE(pending.answered());
  CHECK(first.gauge->denied == 0);
}

TEST_CASE_FIXTURE(guarded_path, "limits run side by side") {
  auto pending = call();
  pass(499ms);
  CHECK(server->open.empty());
  pass(1ms);
  CHECK(server->open.size() == 1);
}

TEST_CASE_FIXTURE(guarded_path, "a plugin that dies is not waited for") {
  guard({first});
  auto pending = call();
  caf::anon_send_exit(first.plugin, caf::exit_reason::kill);
  settle();
  CHECK(server->open.size() == 1);
}

TEST_CASE_FIXTURE(guarded_path, "a call that is taken back waits for no plugin") {
  auto pending = call();
  self->send(calls, cancel_call{{1, "1"}, "enough"});
  settle();
  CHECK(pending.value().kind == answer_kind::cancelled);
  pass(1s);
  CHECK(server->open.empty());
  CHECK(ask<call_counts>(calls, get_call_counts{}).in_flight == 0);
}

TEST_CASE_FIXTURE(guarded_path, "a plugin that never answers holds up no more calls than it may be asked about") {
  guard({first});
  for (size_t i = 0; i < plugin_gauge::asked_limit; ++i)
    call(std::to_string(i));
  CHECK(server->open.empty());
  call("one more");
  CHECK(server->open.size() == 1);
  CHECK(first.gauge->unanswered == 1);
}

TEST_CASE_FIXTURE(guarded_path, "nobody is asked when no plugin wants it") {
  self->send(calls, guards_changed{});
  auto pending = call();
  CHECK(one->open.empty());
  CHECK(server->open.size() == 1);
}

TEST_CASE_FIXTURE(guarded_path, "where it is chosen, a call is denied that a plugin does not answer for in time") {
  first.denies_without_verdict = true;
  guard({first, second});
  auto pending = call();
  say(second, *two, {{}});
  pass(199ms);
  CHECK_FALSE(pending.answered());
  pass(1ms);
  REQUIRE(pending.value().why);
  CHECK(pending.value().why->what == failure::kind::denied);
  CHECK(pending.value().why->cause == "plugin one has to agree to this call, and it did not answer within 200 ms");
  CHECK(pending.value().why->fix.find("\"on_failure\": \"allow\"") != std::string::npos);
  CHECK(server->open.empty());
  CHECK(lives->ended.empty());
  CHECK(first.gauge->unanswered == 1);
  // What it says now is too late.
  say(first, *one, {{}});
  CHECK(server->open.empty());
}

TEST_CASE_FIXTURE(guarded_path, "where it is chosen, a call is denied that a plugin gives no verdict on, or dies over") {
  first.denies_without_verdict = true;
  guard({first});
  auto pending = call();
  say(first, *one, {{call_verdict::kind::none}});
  CHECK(pending.value().why->cause == "plugin one has to agree to this call, and it gave no verdict");
  auto another = call("2");
  caf::anon_send_exit(first.plugin, caf::exit_reason::kill);
  settle();
  CHECK(another.value().why->what == failure::kind::denied);
  CHECK(server->open.empty());
}

TEST_CASE_FIXTURE(guarded_path, "where it is chosen, a plugin that is asked too much, or does not run, denies at once") {
  first.denies_without_verdict = true;
  guard({first});
  for (size_t i = 0; i < plugin_gauge::asked_limit; ++i)
    call(std::to_string(i));
  auto pending = call("one more");
  CHECK(pending.value().why->cause == "plugin one has to agree to this call, and it has too many calls to judge");
  call_guard gone{"gone", {}, std::make_shared<plugin_gauge>(), 200ms, true, "does not run: it exited with 1"};
  guard({second, gone});
  auto another = call("another");
  CHECK(another.value().why->cause == "plugin gone has to agree to this call, and it does not run: it exited with 1");
  CHECK(gone.gauge->unanswered == 1);
  CHECK(server->open.empty());
  // The one that was asked first answers to nobody.
  say(second, *two, {{}});
  CHECK(server->open.empty());
  CHECK(second.gauge->asked == 0);
}
