#include "actors/call/calls.hpp"

#include "messages/rpc/json_scan.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/stage.hpp"

#include <map>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("exclusive calls");

namespace {

std::shared_ptr<client_context> stateless_client() {
  auto result = std::make_shared<client_context>();
  result->era = era::stateless;
  result->info = json_text{R"({"name":"c"})"};
  result->capabilities = json_text{R"({"sampling":{}})"};
  return result;
}

make_call call_of(std::string tool, std::string id, std::string more = "") {
  make_call result;
  result.key = {std::stoull(id), std::move(id)};
  result.server = "s";
  result.method = "tools/call";
  result.params = json_text{R"({"name":")" + tool + "\"" + more + "}"};
  result.client = stateless_client();
  return result;
}

/// A call path, and a server with a fake for each of its runs.
struct runs : test::stage {
  struct run {
    std::shared_ptr<test::backend_record> record = std::make_shared<test::backend_record>();
    backend_actor actor;
  };

  std::map<uint64_t, run> by_scope;
  std::vector<uint64_t> released;
  supervisor_actor supervisor = system.spawn([this](supervisor_actor::pointer) -> supervisor_actor::behavior_type {
    return {
      [this](const need_backend& x) {
        // It carries calls of many clients, and must not speak for the first of them.
        CHECK_FALSE(x.client);
        CHECK_FALSE(x.session);
        auto& run = by_scope[x.scope];
        if (!run.actor)
          run.actor = system.spawn(test::fake_backend, run.record);
        return backend_lease{run.actor, nullptr};
      },
      [](get_status) { return hub_status{}; },
      [](const restart_server&) { return server_restarted{}; },
      [](const shut_down&) { return shut_down_done{}; },
      [](const backend_spawned&) {},
      [](const backend_ready&) {},
      [](const backend_stopped&) {},
      [](const catalogue_learned&) {},
      [](const keep_running&) {},
      [this](const release_scope& x) { released.push_back(x.scope); },
      [](const tell_scope&) {},
      [](const refresh_lists&) {},
      [](const call_ended&) {},
    };
  });
  call_actor calls = system.spawn(hub::calls, call_settings{supervisor, 100, 300s, 600s});

  ~runs() {
    anon_send_exit(calls, caf::exit_reason::user_shutdown);
    anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    for (auto& [scope, x] : by_scope)
      anon_send_exit(std::exchange(x.actor, {}), caf::exit_reason::user_shutdown);
  }

  /// The run that has the call of a tool open, and the call's number.
  std::pair<uint64_t, call_id> place_of(const std::string& id) {
    for (auto& [scope, x] : by_scope)
      for (auto& open : x.record->open)
        if (rpc::member(open.request.params.view(), "id") == id)
          return {scope, open.request.call};
    FAIL("no server has call " << id);
    return {};
  }

  asked<rpc_answer> begin(std::string tool, const std::string& id) {
    auto result = begin_ask<rpc_answer>(calls, call_of(std::move(tool), id, R"(,"id":)" + id));
    settle();
    return result;
  }

  /// The server asks for a call, without saying for which.
  asked<rpc_answer> ask_for(call_id call) {
    auto result = begin_ask<rpc_answer>(
      calls, server_question{call, "sampling/createMessage", json_text{R"({"messages":[]})"}, true});
    settle();
    return result;
  }

  /// A call of a tool that asks its client, which goes away with the question.
  call_id park(const std::string& id) {
    auto pending = begin("asks", id);
    auto call = place_of(id).second;
    ask_for(call);
    REQUIRE(pending.answered());
    CHECK(rpc::member(pending.value().body.view(), "resultType") == "\"input_required\"");
    return call;
  }
};

} // namespace

TEST_CASE_FIXTURE(runs, "a tool that has asked a stateless client has a run for itself from then on") {
  park("1");
  CHECK(place_of("1").first == 0);
  auto again = begin("asks", "2");
  auto run = place_of("2").first;
  CHECK((run & exclusive_scope) != 0);
  auto third = begin("asks", "3");
  CHECK(place_of("3").first != run);
  auto other = begin("other", "4");
  CHECK(place_of("4").first == 0);
}

TEST_CASE_FIXTURE(runs, "a client that cannot be asked uses the shared run") {
  park("1");
  auto call = call_of("asks", "2", R"(,"id":2)");
  auto mute = stateless_client();
  mute->capabilities = json_text{"{}"};
  call.client = mute;
  auto pending = begin_ask<rpc_answer>(calls, std::move(call));
  settle();
  CHECK(place_of("2").first == 0);
}

TEST_CASE_FIXTURE(runs, "calls of which any could have made the server ask have runs of their own the next time") {
  auto first = begin("a", "1");
  auto second = begin("b", "2");
  for (auto id : {"1", "2"})
    self->send(calls, question_in_doubt{place_of(id).second});
  settle();
  auto later = begin("a", "3");
  auto run = place_of("3").first;
  CHECK((run & exclusive_scope) != 0);
  // It did not ask, so that it was the other one.
  by_scope[run].record->plan.emplace_back(0, "{}");
  self->send(by_scope[run].actor, backend_tick{});
  settle();
  CHECK(later.answered());
  auto unsuspected = begin("a", "4");
  CHECK(place_of("4").first == 0);
  auto suspected = begin("b", "5");
  CHECK(place_of("5").first == run);
}

TEST_CASE_FIXTURE(runs, "who has been away for long makes room for a call that waits for a run") {
  for (auto id : {"1", "2", "3", "4", "5"})
    park(id);
  auto waiting = begin("asks", "6");
  CHECK(by_scope.size() == 5);
  pass(29s);
  CHECK(released.empty());
  pass(2s);
  // One of the four was given up, and its run with it, as its server may still be at work.
  CHECK(by_scope.size() == 6);
  REQUIRE_FALSE(released.empty());
  CHECK(by_scope[released.front()].record->cancelled == 1);
  CHECK((place_of("6").first & exclusive_scope) != 0);
}

TEST_CASE_FIXTURE(runs, "a run that nobody uses is released after a while") {
  park("1");
  auto pending = begin("asks", "2");
  auto run = place_of("2").first;
  by_scope[run].record->plan.emplace_back(0, "{}");
  self->send(by_scope[run].actor, backend_tick{});
  settle();
  CHECK(pending.answered());
  pass(50s);
  CHECK(released.empty());
  pass(15s);
  CHECK(released == std::vector<uint64_t>{run});
}

TEST_CASE_FIXTURE(runs, "a call that was taken back does not leave its run to another") {
  park("1");
  auto pending = begin("asks", "2");
  auto run = place_of("2").first;
  cancel_call taken_back;
  taken_back.key = {2, "2"};
  self->send(calls, std::move(taken_back));
  settle();
  CHECK(released == std::vector<uint64_t>{run});
  auto next = begin("asks", "3");
  CHECK(place_of("3").first != run);
}

TEST_CASE_FIXTURE(runs, "a client that comes back has the rest of its call told to the new request") {
  auto pending = begin("asks", "1");
  auto question = ask_for(place_of("1").second);
  auto body = pending.value().body;
  auto state = std::string{rpc::member(body.view(), "requestState")};
  auto retry = call_of("asks", "9", R"(,"id":1,"_meta":{"progressToken":"new"},"requestState":)" + state
                                      + R"(,"inputResponses":{"q1":{"role":"assistant","content":{},"model":"m"}})");
  retry.logs = log_level::error;
  auto back = begin_ask<rpc_answer>(calls, std::move(retry));
  settle();
  CHECK(question.value().kind == answer_kind::result);
  auto& redirected = by_scope[0].record->redirected;
  REQUIRE(redirected.size() == 1);
  CHECK(redirected[0].progress_token.view() == "\"new\"");
  CHECK(redirected[0].logs == log_level::error);
  CHECK_FALSE(back.answered());
}

TEST_SUITE_END();
