#include "actors/backend/http_head.hpp"
#include "actors/backend/outgoing.hpp"
#include "actors/backend/server_protocol.hpp"
#include "messages/rpc/json_scan.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("server protocol");

namespace {

constexpr std::string_view discovered
  = R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1"}}})";

constexpr std::string_view initialized
  = R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true},"logging":{}},"serverInfo":{"name":"s","version":"1"},"instructions":"be kind"})";

/// A server on the other end of the line, played by the test.
struct line {
  server_protocol protocol{"s", known_era::unknown, {}};
  server_protocol::time_point now{};

  line() = default;

  explicit line(known_era era) : protocol("s", era, {}) {
    // nop
  }

  /// What was sent to the server since the last time.
  std::vector<std::string> sent() {
    std::vector<std::string> result;
    for (auto& x : protocol.out.to_server)
      result.push_back(x.message.to_string());
    protocol.out.to_server.clear();
    return result;
  }

  std::string only() {
    auto all = sent();
    REQUIRE(all.size() == 1);
    return all.front();
  }

  void say(std::string text) {
    protocol.receive(json_text{std::move(text)}, 0, now);
  }

  void answer(const std::string& request, std::string_view result) {
    say(R"({"jsonrpc":"2.0","id":)" + std::string{rpc::member(request, "id")} + R"(,"result":)"
        + std::string{result} + "}");
  }

  void refuse(const std::string& request, int code) {
    say(R"({"jsonrpc":"2.0","id":)" + std::string{rpc::member(request, "id")}
        + R"(,"error":{"code":)" + std::to_string(code) + R"(,"message":"no"}})");
  }

  /// Shakes hands; what follows starts with an empty line.
  void shake_hands() {
    protocol.open(now);
    refuse(only(), -32601);
    answer(only(), initialized);
    auto all = sent();
    REQUIRE(all.size() == 2);
    answer(all[1], R"({"tools":[]})");
    REQUIRE(protocol.ready());
    protocol.out = {};
  }

  /// Sends a call and returns what the server gets.
  std::string call(call_id id, std::string params, era client_era = era::handshake) {
    backend_request x;
    x.call = id;
    x.method = "tools/call";
    x.params = json_text{std::move(params)};
    x.logs = log_level::debug;
    auto client = std::make_shared<client_context>();
    client->era = client_era;
    x.client = client;
    protocol.request(x);
    return only();
  }
};

std::string method_of(const std::string& message) {
  return rpc::unquote(rpc::member(message, "method")).value_or("");
}

} // namespace

TEST_CASE("a server of the handshake era is probed, then greeted") {
  line x;
  x.protocol.open(x.now);
  auto probe = x.only();
  CHECK(method_of(probe) == "server/discover");
  x.refuse(probe, -32601);
  auto greeting = x.only();
  CHECK(method_of(greeting) == "initialize");
  CHECK(greeting.find(R"("protocolVersion":"2025-11-25")") != std::string::npos);
  x.answer(greeting, initialized);
  CHECK(x.protocol.out.became_ready);
  CHECK_FALSE(x.protocol.stateless());
  auto all = x.sent();
  REQUIRE(all.size() == 2);
  CHECK(method_of(all[0]) == "notifications/initialized");
  CHECK(method_of(all[1]) == "tools/list");
  x.answer(all[1], R"({"tools":[{"name":"a"}]})");
  REQUIRE(x.protocol.out.learned);
  CHECK(x.protocol.out.learned->tools.size() == 1);
  CHECK(x.protocol.out.learned->protocol_version == "2025-06-18");
  CHECK(x.protocol.out.learned->instructions.view() == "\"be kind\"");
}

TEST_CASE("a server of the stateless era is ready after the probe") {
  line x;
  x.protocol.open(x.now);
  x.answer(x.only(), discovered);
  CHECK(x.protocol.ready());
  CHECK(x.protocol.stateless());
  CHECK(method_of(x.only()) == "tools/list");
}

TEST_CASE("a server that refuses a version and lists it is probed once more, and not twice") {
  line x;
  x.protocol.open(x.now);
  auto refused = [&] {
    auto probe = x.only();
    CHECK(method_of(probe) == "server/discover");
    x.say(R"({"jsonrpc":"2.0","id":)" + std::string{rpc::member(probe, "id")}
          + R"(,"error":{"code":-32022,"message":"no","data":{"supported":["2026-07-28"]}}})");
  };
  refused();
  refused();
  CHECK(method_of(x.only()) == "initialize");
}

TEST_CASE("a server that is silent when probed is greeted, and may still answer the probe") {
  line x;
  x.protocol.open(x.now);
  auto probe = x.only();
  x.protocol.tick(x.now + 2s);
  CHECK(x.sent().empty());
  x.protocol.tick(x.now + 4s);
  auto greeting = x.only();
  CHECK(method_of(greeting) == "initialize");
  x.answer(probe, discovered);
  CHECK(x.protocol.stateless());
  x.protocol.out = {};
  x.refuse(greeting, -32601);
  CHECK(x.protocol.ready());
  CHECK_FALSE(x.protocol.out.refused);
}

TEST_CASE("a remembered handshake server is not probed") {
  line x{known_era::handshake};
  x.protocol.open(x.now);
  CHECK(method_of(x.only()) == "initialize");
}

TEST_CASE("a server that speaks no version of ours is refused with the cause") {
  line x{known_era::handshake};
  x.protocol.open(x.now);
  x.answer(x.only(), R"({"protocolVersion":"1999-01-01","capabilities":{}})");
  REQUIRE(x.protocol.out.refused);
  CHECK(x.protocol.out.refused->find("1999-01-01") != std::string::npos);
}

TEST_CASE("all pages are read, and broken entries are left out") {
  line x{known_era::handshake};
  x.protocol.open(x.now);
  x.answer(x.only(), initialized);
  x.answer(x.sent()[1], R"({"tools":[{"name":"a"},{"title":"nameless"},{"name":"a"}],"nextCursor":"p2"})");
  auto second = x.only();
  CHECK(second.find(R"("cursor":"p2")") != std::string::npos);
  CHECK_FALSE(x.protocol.out.learned);
  x.answer(second, R"({"tools":[{"name":"b"}]})");
  REQUIRE(x.protocol.out.learned);
  CHECK(x.protocol.out.learned->tools.size() == 2);
  CHECK(x.protocol.out.remarks.size() == 2);
}

TEST_CASE("a list that never ends is cut") {
  line x{known_era::handshake};
  x.protocol.open(x.now);
  x.answer(x.only(), initialized);
  auto page = x.sent()[1];
  for (size_t i = 0; i < 2 * catalogue_reader::max_pages && !x.protocol.out.learned; ++i) {
    x.answer(page, R"({"tools":[],"nextCursor":")" + std::to_string(i) + "\"}");
    if (auto next = x.sent(); !next.empty())
      page = next.front();
  }
  CHECK(x.protocol.out.learned);
}

TEST_CASE("a changed list is read again, once") {
  line x;
  x.shake_hands();
  x.say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  x.say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  auto asked = x.only();
  CHECK(method_of(asked) == "tools/list");
  x.answer(asked, R"({"tools":[{"name":"old"}]})");
  // It changed while it was read.
  auto again = x.only();
  x.answer(again, R"({"tools":[{"name":"new"}]})");
  REQUIRE(x.protocol.out.learned);
  CHECK(x.protocol.out.learned->tools.front().view() == R"({"name":"new"})");
}

TEST_CASE("a list that is refused later stays what it was") {
  line x;
  x.shake_hands();
  auto changed = [&](std::string_view result) {
    x.say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
    auto asked = x.only();
    if (result.empty())
      x.refuse(asked, -32603);
    else
      x.answer(asked, result);
    REQUIRE(x.protocol.out.learned);
    return std::exchange(x.protocol.out.learned, nullptr);
  };
  CHECK(changed(R"({"tools":[{"name":"a"}]})")->tools.size() == 1);
  auto after = changed("");
  CHECK(after->tools.size() == 1);
  CHECK_FALSE(after->untold.tools);
  CHECK(x.protocol.out.remarks.back() == "tools/list was answered with an error; the list known before stays");
  CHECK(changed(R"({"tools":[]})")->tools.empty());
}

TEST_CASE("a list that is refused from the start is told as such") {
  line x;
  x.protocol.open(x.now);
  x.refuse(x.only(), -32601);
  x.answer(x.only(), initialized);
  x.refuse(x.sent().back(), -32603);
  REQUIRE(x.protocol.out.learned);
  CHECK(x.protocol.out.learned->untold.tools);
  CHECK_FALSE(x.protocol.out.learned->untold.prompts);
}

TEST_CASE("an entry that is not JSON is left out, and the others stay") {
  line x;
  x.shake_hands();
  x.say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  x.answer(x.only(), R"({"tools":[{"name":"a","x":tru},{"name":"b"}]})");
  REQUIRE(x.protocol.out.learned);
  REQUIRE(x.protocol.out.learned->tools.size() == 1);
  CHECK(x.protocol.out.learned->tools[0].view() == R"({"name":"b"})");
}

TEST_CASE("answers go to their calls, in any order") {
  line x;
  x.shake_hands();
  auto first = x.call(11, R"({"name":"a"})");
  auto second = x.call(12, R"({"name":"a"})");
  x.answer(second, R"({"content":["2"]})");
  x.refuse(first, -32602);
  auto& answers = x.protocol.out.answers;
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].call == 12);
  CHECK(answers[0].answer.kind == answer_kind::result);
  CHECK(answers[0].answer.body.view() == R"({"content":["2"]})");
  CHECK(answers[1].call == 11);
  CHECK(answers[1].answer.kind == answer_kind::error);
  CHECK(answers[1].answer.body.view() == R"({"code":-32602,"message":"no"})");
}

TEST_CASE("what fits nothing is counted and hurts nobody") {
  line x;
  x.shake_hands();
  auto asked = x.call(1, "{}");
  for (auto* text : {"garbage", "[1,2]", R"({"jsonrpc":"2.0","id":999,"result":{}})",
                     R"({"jsonrpc":"2.0","id":"2","result":{}})", R"({"jsonrpc":"2.0","id":{},"result":{}})",
                     R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":77}})"})
    x.say(text);
  CHECK(x.protocol.strays() == 6);
  CHECK(x.protocol.out.answers.empty());
  x.answer(asked, "{}");
  x.answer(asked, R"({"twice":true})");
  CHECK(x.protocol.out.answers.size() == 1);
  CHECK(x.protocol.strays() == 7);
}

TEST_CASE("a broken answer is an answer to whoever waits for it") {
  for (std::string tail : {R"("result":)" + std::string(600, '[') + std::string(600, ']'),
                           std::string{R"("result":{},"error":{})"}, std::string{"\"result\":\"\xff\""}}) {
    line x;
    x.shake_hands();
    auto asked = x.call(1, "{}");
    auto other = x.call(2, "{}");
    x.say(R"({"jsonrpc":"2.0","id":)" + std::string{rpc::member(asked, "id")} + "," + tail + "}");
    REQUIRE(x.protocol.out.answers.size() == 1);
    CHECK(x.protocol.out.answers[0].call == 1);
    CHECK(x.protocol.out.answers[0].answer.why->what == failure::kind::bad_answer);
    x.answer(other, "{}");
    CHECK(x.protocol.out.answers.size() == 2);
  }
}

TEST_CASE("a ping of the server is answered, and other requests are refused") {
  line x;
  x.shake_hands();
  x.say(R"({"jsonrpc":"2.0","id":"p","method":"ping"})");
  CHECK(x.only() == R"({"jsonrpc":"2.0","id":"p","result":{}})");
  x.say(R"({"jsonrpc":"2.0","id":1,"method":"sampling/fly"})");
  CHECK(x.only().find("-32601") != std::string::npos);
}

TEST_CASE("all who wait for a call hear of its progress, each by its own token, until they leave") {
  line x;
  x.shake_hands();
  backend_request request;
  request.call = 5;
  request.method = "tools/call";
  request.params = json_text{R"({"name":"a"})"};
  request.logs = log_level::warning;
  request.may_be_joined = true;
  x.protocol.request(request);
  auto token = std::string{rpc::member(rpc::member(rpc::member(x.only(), "params"), "_meta"), "progressToken")};
  REQUIRE_FALSE(token.empty());
  auto progress = [&] {
    x.protocol.out.events.clear();
    x.say(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" + token + "}}");
    std::vector<std::string> result;
    for (auto& event : x.protocol.out.events)
      result.push_back(std::to_string(event.to.id) + ' ' + event.message.to_string());
    return result;
  };
  CHECK(progress().empty());
  x.protocol.join({5, 8, {{}, 80}, json_text{"\"mine\""}, log_level::error});
  x.protocol.join({6, 9, {{}, 90}, json_text{"9"}, log_level::debug});
  CHECK(progress() == std::vector<std::string>{
          R"(80 {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"mine"}})"});
  x.protocol.out.events.clear();
  x.say(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"warning"}})");
  REQUIRE(x.protocol.out.events.size() == 1);
  CHECK(x.protocol.out.events[0].to.id == 0);
  x.say(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error"}})");
  CHECK(x.protocol.out.events.size() == 3);
  x.protocol.leave({5, 8});
  CHECK(progress().empty());
}

TEST_CASE("progress carries the client's own token") {
  line x;
  x.shake_hands();
  auto asked = x.call(5, R"({"name":"a","_meta":{"progressToken":"mine","k":1}})");
  auto token = rpc::member(rpc::member(rpc::member(asked, "params"), "_meta"), "progressToken");
  CHECK(token == rpc::member(asked, "id"));
  CHECK(rpc::member(rpc::member(rpc::member(asked, "params"), "_meta"), "k") == "1");
  x.say(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" + std::string{token}
        + R"(,"progress":1}})");
  REQUIRE(x.protocol.out.events.size() == 1);
  CHECK(x.protocol.out.events[0].message.to_string()
        == R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"mine","progress":1}})");
}

TEST_CASE("a log message goes to a call only if it can be no other's") {
  line x;
  x.shake_hands();
  auto log = R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}})";
  x.say(log);
  CHECK(x.protocol.out.events.empty());
  x.call(1, "{}");
  x.say(log);
  CHECK(x.protocol.out.events.size() == 1);
  x.call(2, "{}");
  x.say(log);
  CHECK(x.protocol.out.events.size() == 1);
}

TEST_CASE("a cancelled call is told to the server, and its late answer is nobody's") {
  line x;
  x.shake_hands();
  auto asked = x.call(9, "{}");
  x.protocol.cancel(9, "why not");
  CHECK(x.only() == R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)"
                      + std::string{rpc::member(asked, "id")} + R"(,"reason":"why not"}})");
  REQUIRE(x.protocol.out.answers.size() == 1);
  CHECK(x.protocol.out.answers[0].answer.kind == answer_kind::cancelled);
  x.answer(asked, "{}");
  CHECK(x.protocol.out.answers.size() == 1);
  x.protocol.cancel(9, "");
  CHECK(x.sent().empty());
}

TEST_CASE("every open call is answered when the connection goes") {
  line x;
  x.shake_hands();
  x.call(1, "{}");
  x.call(2, "{}");
  x.protocol.close(std::make_shared<failure>(failure{failure::kind::crashed, "s", "it died", "wait"}));
  CHECK(x.protocol.out.answers.size() == 2);
  CHECK(x.protocol.open_calls() == 0);
}

TEST_CASE("calls over the bound are refused at once") {
  protocol_limits limits;
  limits.open_calls = 1;
  line x;
  x.protocol = server_protocol{"s", known_era::unknown, limits};
  x.shake_hands();
  x.call(1, "{}");
  backend_request more;
  more.call = 2;
  x.protocol.request(more);
  CHECK(x.sent().empty());
  REQUIRE(x.protocol.out.answers.size() == 1);
  CHECK(x.protocol.out.answers[0].answer.why->what == failure::kind::overloaded);
}

TEST_CASE("the metadata of the stateless era is added and taken away") {
  backend_request x;
  auto client = std::make_shared<client_context>();
  client->era = era::stateless;
  x.client = client;
  x.params = json_text{R"({"name":"a","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"traceparent":"t"}})"};
  CHECK(translate_params(x, false, 1).params.view() == R"({"name":"a","_meta":{"traceparent":"t"}})");
  x.params = json_text{R"({"name":"a","_meta":{"hub/whole_result":true}})"};
  CHECK(translate_params(x, false, 1).params.view() == R"({"name":"a"})");
  CHECK(translate_params(x, true, 1).params.view() == R"({"name":"a"})");
  auto old = std::make_shared<client_context>();
  old->info = json_text{R"({"name":"c","version":"2"})"};
  x.client = old;
  x.params = json_text{R"({"name":"a"})"};
  CHECK(translate_params(x, false, 1).params.view() == x.params.view());
  CHECK(translate_params(x, true, 1).params.view()
        == R"({"name":"a","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"c","version":"2"}}})");
}

TEST_CASE("the most talkative log level that any client wants is in force") {
  line x;
  x.shake_hands();
  backend_request level;
  level.method = "logging/setLevel";
  level.params = json_text{R"({"level":"warning"})"};
  x.protocol.request(level);
  CHECK(x.only().find(R"("level":"warning")") != std::string::npos);
  level.params = json_text{R"({"level":"error"})"};
  x.protocol.request(level);
  CHECK(x.only().find(R"("level":"warning")") != std::string::npos);
}

TEST_CASE("a server is told of the trace of its call, with the hub's span as the one above") {
  backend_request x;
  auto trace = *read_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  trace.call = 0x1234;
  trace.state = "vendor=1";
  trace.baggage = "user=ada";
  x.trace = std::make_shared<const trace_context>(trace);
  constexpr auto told = R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-0000000000001234-01")";
  x.params = json_text{R"({"name":"a"})"};
  CHECK(translate_params(x, false, 1).params.view()
        == R"({"name":"a","_meta":{)" + std::string{told} + R"(,"tracestate":"vendor=1","baggage":"user=ada"}})");
  // What the client wrote itself goes on as it is, but for its own span.
  x.params = json_text{R"({"_meta":{"traceparent":"00-old","tracestate":"a=1,b=2","baggage":"c=3","other":1}})"};
  CHECK(translate_params(x, false, 1).params.view()
        == R"({"_meta":{"tracestate":"a=1,b=2","baggage":"c=3","other":1,)" + std::string{told} + "}}");
}

TEST_CASE("over HTTP the trace is told in headers, too, as far as it can be one") {
  auto trace = *read_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
  trace.call = 0x1234;
  trace.state = "vendor=1";
  trace.baggage = "user=gr\xC3\xBCn";
  using headers = std::vector<std::pair<std::string, std::string>>;
  CHECK(hints_for("2025-11-25", false, "tools/call", "{}", {}, &trace)->trace
        == headers{{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-0000000000001234-00"}, {"tracestate", "vendor=1"}});
  CHECK(hints_for("2025-11-25", false, "tools/call", "{}", {}, nullptr)->trace.empty());
}

namespace {

/// A stateless server that has told its tools, and said how long and for whom they hold.
void tell_tools(line& x, std::string_view terms) {
  x.protocol.open(x.now);
  x.answer(x.only(), discovered);
  x.answer(x.only(), R"({"resultType":"complete","tools":[{"name":"a"}],)" + std::string{terms} + "}");
}

} // namespace

TEST_CASE("a list that holds no longer is read again when somebody asks, and is no news if it is as it was") {
  line x;
  x.now += 1h;
  tell_tools(x, R"("ttlMs":10000,"cacheScope":"public")");
  auto known = std::exchange(x.protocol.out.learned, nullptr);
  REQUIRE(known);
  CHECK(known->is_public[0]);
  CHECK(known->freshness->until(list_kind::tools) == x.now + 10s);
  x.now += 9s;
  x.protocol.read_lists_again(x.now);
  CHECK(x.sent().empty());
  x.now += 1s;
  x.protocol.read_lists_again(x.now);
  auto again = x.only();
  CHECK(method_of(again) == "tools/list");
  x.protocol.read_lists_again(x.now);
  CHECK(x.sent().empty());
  x.answer(again, R"({"resultType":"complete","tools":[{"name":"a"}],"ttlMs":20000,"cacheScope":"public"})");
  CHECK_FALSE(x.protocol.out.learned);
  CHECK(known->freshness->until(list_kind::tools) == x.now + 20s);
}

TEST_CASE("a list that is not as it was is news when it is read again, and so is for whom it holds") {
  line x;
  x.now += 1h;
  tell_tools(x, R"("ttlMs":0,"cacheScope":"public")");
  x.protocol.out = {};
  auto read = [&](std::string_view tools, std::string_view scope) {
    x.now += catalogue_reader::least_pause;
    x.protocol.read_lists_again(x.now);
    x.answer(x.only(), R"({"resultType":"complete","ttlMs":0,"tools":)" + std::string{tools} + R"(,"cacheScope":")"
                         + std::string{scope} + "\"}");
    return std::exchange(x.protocol.out.learned, nullptr);
  };
  CHECK_FALSE(read(R"([{"name":"a"}])", "public"));
  auto more = read(R"([{"name":"a"},{"name":"b"}])", "public");
  REQUIRE(more);
  CHECK(more->tools.size() == 2);
  auto hidden = read(R"([{"name":"a"},{"name":"b"}])", "private");
  REQUIRE(hidden);
  CHECK_FALSE(hidden->is_public[0]);
}

TEST_CASE("a list is not read again more often than every five seconds, however short it holds") {
  line x;
  x.now += 1h;
  tell_tools(x, R"("ttlMs":0,"cacheScope":"private")");
  x.now += catalogue_reader::least_pause - 1ms;
  x.protocol.read_lists_again(x.now);
  CHECK(x.sent().empty());
  x.now += 1ms;
  x.protocol.read_lists_again(x.now);
  x.refuse(x.only(), -32603);
  // It failed; what was known stays, and there is a pause as well.
  x.now += catalogue_reader::least_pause - 1ms;
  x.protocol.read_lists_again(x.now);
  CHECK(x.sent().empty());
  CHECK(x.protocol.out.learned->tools.size() == 1);
}

TEST_CASE("a list without a time is not read again, nor one that changes while it is read told once less") {
  line x;
  x.now += 1h;
  tell_tools(x, R"("cacheScope":"private")");
  x.protocol.out = {};
  x.now += 1h;
  x.protocol.read_lists_again(x.now);
  CHECK(x.sent().empty());
  x.say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  x.answer(x.only(), R"({"resultType":"complete","tools":[{"name":"a"}],"ttlMs":0})");
  CHECK(std::exchange(x.protocol.out.learned, nullptr));
  x.now += catalogue_reader::least_pause;
  x.protocol.read_lists_again(x.now);
  auto quiet = x.only();
  x.say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  x.answer(quiet, R"({"resultType":"complete","tools":[{"name":"a"}],"ttlMs":0})");
  CHECK_FALSE(x.protocol.out.learned);
  x.answer(x.only(), R"({"resultType":"complete","tools":[{"name":"a"}],"ttlMs":0})");
  REQUIRE(x.protocol.out.learned);
  CHECK(x.protocol.out.learned->announced.tools == 2);
}

TEST_CASE("pages hold as long as the shortest of them, and for everybody only if each does") {
  line x;
  x.now += 1h;
  x.protocol.open(x.now);
  x.answer(x.only(), discovered);
  x.answer(x.only(), R"({"tools":[{"name":"a"}],"nextCursor":"2","ttlMs":9000,"cacheScope":"public"})");
  x.answer(x.only(), R"({"tools":[{"name":"b"}],"ttlMs":7000,"cacheScope":"private"})");
  REQUIRE(x.protocol.out.learned);
  CHECK(x.protocol.out.learned->freshness->until(list_kind::tools) == x.now + 7s);
  CHECK_FALSE(x.protocol.out.learned->is_public[0]);
}
