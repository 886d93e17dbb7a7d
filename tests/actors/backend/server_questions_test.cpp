#include "actors/backend/server_protocol.hpp"

#include "messages/rpc/json_scan.hpp"
#include "tests/support/stage.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <string>
#include <vector>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("server questions");

namespace {

/// A server over stdio with calls of several clients in flight.
struct asking_server : test::stage {
  server_protocol protocol{"s", known_era::handshake, {}};
  server_protocol::time_point now{};
  question_actor asked = system.spawn([](question_actor::pointer) -> question_actor::behavior_type {
    return {[](const server_question&) { return rpc_answer{}; }, [](const question_in_doubt&) {}};
  });

  asking_server() {
    protocol.open(now);
    answer(1, R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}})");
    answer(2, R"({"tools":[]})");
    REQUIRE(protocol.ready());
    protocol.out = {};
  }

  ~asking_server() {
    protocol.out = {};
    anon_send_exit(asked, caf::exit_reason::user_shutdown);
  }

  void say(std::string text) {
    protocol.receive(json_text{std::move(text)}, 0, now);
  }

  void answer(int64_t id, std::string_view result) {
    say(R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"result":)" + std::string{result} + "}");
  }

  /// Sends a call of a client of its own; its id at the server is 2 more.
  void call(call_id id) {
    backend_request x;
    x.call = id;
    x.method = "tools/call";
    x.client = std::make_shared<client_context>();
    x.questions = asked;
    protocol.request(x);
    protocol.out.to_server.clear();
  }

  void ask(const std::string& id) {
    say(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"sampling/createMessage","params":{}})");
  }

  /// What was asked, and of which calls.
  std::vector<call_id> questions() {
    std::vector<call_id> result;
    for (auto& x : protocol.out.questions)
      result.push_back(x.what.call);
    return result;
  }

  /// The code of the only error that the server got; 0 if it got nothing.
  int64_t refusal() {
    if (protocol.out.to_server.empty())
      return 0;
    REQUIRE(protocol.out.to_server.size() == 1);
    auto text = protocol.out.to_server.front().message.to_string();
    return rpc::to_integer(rpc::member(rpc::member(text, "error"), "code")).value_or(1);
  }
};

} // namespace

TEST_CASE_FIXTURE(asking_server, "a question belongs to the only call that is open") {
  call(1);
  ask("7");
  CHECK(questions() == std::vector<call_id>{1});
  CHECK(protocol.out.questions[0].what.inferred);
}

TEST_CASE_FIXTURE(asking_server, "a question waits until the calls of all other clients are answered") {
  call(1);
  call(2);
  ask("7");
  CHECK(questions().empty());
  CHECK(protocol.needs_tick());
  // It came before this one.
  call(3);
  answer(3, "{}");
  CHECK(questions() == std::vector<call_id>{2});
  CHECK(refusal() == 0);
}

TEST_CASE_FIXTURE(asking_server, "a question that stays in doubt is refused, and the calls in question are named") {
  call(1);
  call(2);
  ask("7");
  now += 4s;
  protocol.tick(now);
  CHECK(refusal() == 0);
  now += 1s;
  protocol.tick(now);
  CHECK(refusal() == -32603);
  CHECK(questions().empty());
  CHECK(protocol.out.doubts.size() == 2);
  CHECK_FALSE(protocol.needs_tick());
}

TEST_CASE_FIXTURE(asking_server, "a question that may belong to a call that was taken back is asked of nobody") {
  call(1);
  call(2);
  ask("7");
  protocol.cancel(1, "");
  CHECK(questions().empty());
  // The one message more is the cancellation.
  REQUIRE(protocol.out.to_server.size() == 2);
}

TEST_CASE_FIXTURE(asking_server, "a question that the server takes back is not put any more") {
  call(1);
  call(2);
  ask("7");
  say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})");
  answer(3, "{}");
  CHECK(questions().empty());
  CHECK_FALSE(protocol.needs_tick());
}

TEST_CASE_FIXTURE(asking_server, "progress goes where the call was redirected to, with the new token") {
  backend_request x;
  x.call = 1;
  x.method = "tools/call";
  x.params = json_text{R"({"_meta":{"progressToken":"old"}})"};
  x.client = std::make_shared<client_context>();
  protocol.request(x);
  redirect_call to;
  to.call = 1;
  to.notify.id = 5;
  to.progress_token = json_text{"8"};
  protocol.redirect(to);
  say(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":3,"progress":1}})");
  REQUIRE(protocol.out.events.size() == 1);
  CHECK(protocol.out.events[0].to.id == 5);
  CHECK(rpc::member(rpc::member(protocol.out.events[0].message.to_string(), "params"), "progressToken") == "8");
  to.progress_token = {};
  protocol.redirect(to);
  say(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":3,"progress":2}})");
  CHECK(protocol.out.events.size() == 1);
  CHECK(protocol.strays() == 0);
}

TEST_SUITE_END();
