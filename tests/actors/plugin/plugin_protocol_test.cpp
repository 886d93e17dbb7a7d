#include "actors/plugin/plugin_protocol.hpp"

#include "actors/plugin/plugin_settings.hpp"
#include "messages/rpc/json_scan.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("plugin protocol");

namespace {

struct talk {
  plugin_protocol plugin;
  plugin_protocol::time_point now{1h};

  explicit talk(std::string settings = {}, plugin_protocol::limits bounds = {})
    : plugin("p", json_text{std::move(settings)}, bounds) {
    plugin.open();
  }

  /// What is to be written since the last time.
  std::vector<std::string> sent() {
    std::vector<std::string> result;
    for (auto& x : std::exchange(plugin.out.messages, {}))
      result.push_back(x.to_string());
    return result;
  }

  void hear(std::string line) {
    plugin.receive(json_text{std::move(line)}, now);
  }

  void greet(std::string_view hooks, std::string_view more = "") {
    sent();
    hear(R"({"jsonrpc":"2.0","id":1,"result":{"protocol":1,"name":"p","version":"1.2","hooks":)" + std::string{hooks}
         + std::string{more} + "}}");
  }

  bool tell(plugin_event::kind what, size_t waiting = 0) {
    return plugin.tell(std::make_shared<const plugin_event>(plugin_event{{}, std::move(what)}), waiting);
  }

  std::string cause() {
    return plugin.out.failed ? plugin.out.failed->cause : "";
  }
};

plugin_event::server_disconnected gone() {
  return {"s", "exited with 1", false, false};
}

} // namespace

TEST_CASE("a plugin is greeted with its settings, and says what it wants") {
  talk x{R"({"a": 1})"};
  auto first = x.sent();
  REQUIRE(first.size() == 1);
  CHECK(rpc::member(first[0], "method") == "\"initialize\"");
  auto params = rpc::member(first[0], "params");
  CHECK(rpc::member(params, "protocol") == "1");
  CHECK(rpc::member(params, "settings") == R"({"a": 1})");
  x.greet(R"(["before_call","tools_changed"])", R"(,"time_limit_ms":50)");
  REQUIRE(x.plugin.out.ready);
  CHECK(x.plugin.out.ready->version == "1.2");
  CHECK(x.plugin.out.ready->hooks == plugin_hooks{plugin_hook::before_call, plugin_hook::tools_changed});
  CHECK(x.plugin.out.ready->time_limit == 50ms);
}

TEST_CASE("what happens before the handshake is told after it, as far as it is wanted") {
  talk x{"", {.early_news = 2}};
  CHECK(x.tell(plugin_event::hub_started{}));
  CHECK(x.tell(gone()));
  CHECK_FALSE(x.tell(gone()));
  x.greet(R"(["hub_started"])");
  auto told = x.sent();
  REQUIRE(told.size() == 1);
  CHECK(told[0] == R"({"jsonrpc":"2.0","method":"hub_started","params":{"at":"1970-01-01T00:00:00.000Z"}})");
  CHECK(x.tell(gone()));
  CHECK(x.sent().empty());
}

TEST_CASE("what waits for its stdin is bounded") {
  talk x{"", {.waiting_bytes = 100}};
  x.greet(R"(["server_disconnected","after_call","before_call"])");
  CHECK(x.tell(gone(), 100));
  CHECK_FALSE(x.tell(gone(), 101));
  CHECK(x.plugin.tell(std::vector<call_record>(3), 0) == 2);
  CHECK_FALSE(x.plugin.ask({}, 101, x.now + 1s));
}

TEST_CASE("a verdict lets a call pass, or denies it with a reason that steers no terminal") {
  talk x;
  x.greet(R"(["before_call"])");
  intended_call call{7, "git hub", "tools/call", json_text{"{\"name\":\"t\",\"arguments\":{\n\"a\":\"b\"}}"}, nullptr, nullptr};
  auto id = x.plugin.ask(call, 0, x.now + 1s);
  REQUIRE(id);
  auto asked = x.sent();
  REQUIRE(asked.size() == 1);
  auto params = rpc::member(asked[0], "params");
  CHECK(rpc::member(params, "server") == R"("git hub")");
  CHECK(rpc::member(params, "tool") == R"("t")");
  CHECK(rpc::member(params, "arguments") == R"({ "a":"b"})");
  x.hear(R"({"jsonrpc":"2.0","id":)" + std::to_string(*id) + R"(,"result":{"deny":"no\n\u001b[31mway"}})");
  REQUIRE(x.plugin.out.verdicts.size() == 1);
  CHECK(x.plugin.out.verdicts[0].first == *id);
  CHECK(x.plugin.out.verdicts[0].second.what == call_verdict::kind::deny);
  CHECK(x.plugin.out.verdicts[0].second.reason == "no way");
  auto other = x.plugin.ask(call, 0, x.now + 1s);
  x.hear(R"({"jsonrpc":"2.0","id":)" + std::to_string(*other) + R"(,"result":{}})");
  CHECK(x.plugin.out.verdicts.at(1).second.what == call_verdict::kind::pass);
  CHECK_FALSE(x.plugin.waits());
}

TEST_CASE("an error is no verdict") {
  talk x;
  x.greet(R"(["before_call"])");
  auto id = x.plugin.ask({}, 0, x.now + 1s);
  x.hear(R"({"jsonrpc":"2.0","id":)" + std::to_string(*id) + R"(,"error":{"code":1,"message":"oops"}})");
  CHECK(x.plugin.out.verdicts.at(0).second.what == call_verdict::kind::none);
  CHECK(x.plugin.out.remarks.at(0).text == "failed to judge a call: oops");
}

TEST_CASE("verdicts that are late are given up, and five in a row end the run") {
  talk x;
  x.greet(R"(["before_call"])");
  for (int i = 0; i < 4; ++i)
    x.plugin.ask({}, 0, x.now + 1s);
  x.now += 1s;
  x.plugin.tick(x.now);
  CHECK(x.plugin.out.verdicts.size() == 4);
  CHECK(x.cause() == "");
  // One in time, and all is forgotten.
  auto id = x.plugin.ask({}, 0, x.now + 1s);
  x.hear(R"({"jsonrpc":"2.0","id":)" + std::to_string(*id) + R"(,"result":{}})");
  for (int i = 0; i < 5; ++i)
    x.plugin.ask({}, 0, x.now + 1s);
  x.now += 1s;
  x.plugin.tick(x.now);
  CHECK(x.cause() == "did not answer before_call in time, 5 times in a row");
}

TEST_CASE("a plugin that prints garbage is ended after some lines of it") {
  talk x{"", {.bad_lines = 3}};
  x.greet(R"(["hub_started"])");
  x.hear("hello");
  x.hear("[1]");
  CHECK(x.cause() == "");
  CHECK(x.plugin.out.remarks.size() == 2);
  x.hear("\xff");
  CHECK(x.cause() == "wrote 3 lines that are no JSON-RPC messages");
}

TEST_CASE("a plugin that floods is ended, and one that writes as much in a longer time is not") {
  talk x{"", {.lines_a_second = 10, .remarks_a_second = 2}};
  x.greet(R"(["hub_started"])");
  auto line = std::string{R"({"jsonrpc":"2.0","method":"log","params":{"message":"m"}})"};
  for (int i = 0; i < 30; ++i) {
    x.now += 100ms;
    x.hear(line);
  }
  CHECK(x.cause() == "");
  CHECK(x.plugin.out.remarks.size() <= 8);
  for (int i = 0; i < 11; ++i)
    x.hear(line);
  CHECK(x.cause() == "wrote more than 10 lines or 8 MiB within a second");
}

TEST_CASE("a handshake that is not right ends the run for good") {
  talk x;
  SUBCASE("another version") {
    x.hear(R"({"jsonrpc":"2.0","id":1,"result":{"protocol":2,"hooks":[]}})");
    CHECK(x.cause() == "speaks version 2 of the protocol, not 1");
  }
  SUBCASE("no hooks") {
    x.hear(R"({"jsonrpc":"2.0","id":1,"result":{"protocol":1}})");
    CHECK(x.cause() == "names no hooks");
  }
  SUBCASE("a hook that is none") {
    x.greet(R"(["during_call"])");
    CHECK(x.cause() == "wants a hook that is none: during_call");
  }
  SUBCASE("an error") {
    x.hear(R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no token"}})");
    CHECK(x.cause() == "refuses to start: no token");
  }
  SUBCASE("settings that it does not take") {
    x.greet(R"(["hub_started"])", R"(,"settings_schema":{"required":["token"]})");
    CHECK(x.cause() == "cannot use its settings: setting token is missing");
  }
  REQUIRE(x.plugin.out.failed);
  CHECK(x.plugin.out.failed->hopeless);
}

TEST_CASE("a plugin can say how it is, and its requests are refused") {
  talk x;
  x.greet("[]");
  x.hear(R"({"jsonrpc":"2.0","method":"state","params":{"state":"connected","facts":{"n":1}}})");
  REQUIRE(x.plugin.out.told);
  CHECK(x.plugin.out.told->state == "connected");
  CHECK(x.plugin.out.told->facts.view() == R"({"n":1})");
  x.hear(R"({"jsonrpc":"2.0","id":"a","method":"tools/list"})");
  auto sent = x.sent();
  REQUIRE(sent.size() == 1);
  CHECK(rpc::member(sent[0], "id") == "\"a\"");
  CHECK_FALSE(rpc::member(sent[0], "error").empty());
}

TEST_CASE("settings are held against what a schema says of their members") {
  constexpr auto schema = R"({"required":["a"],"additionalProperties":false,"properties":{
    "a":{"type":"string"},"n":{"type":["integer","null"]},"mode":{"enum":["x","y"]}}})";
  auto wrong = [&](std::string_view settings) { return check_settings(settings, schema).value_or(""); };
  CHECK(wrong(R"({"a":"","n":3,"mode":"y"})") == "");
  CHECK(wrong(R"({"a":"","n":null})") == "");
  CHECK(wrong("{}") == "setting a is missing");
  CHECK(wrong(R"({"a":1})") == "setting a is not of type string");
  CHECK(wrong(R"({"a":"","n":1.5})") == "setting n is not of type integer or null");
  CHECK(wrong(R"({"a":"","b":1})") == "setting b is not known");
  CHECK(wrong(R"({"a":"","mode":"z"})") == R"(setting mode is none of ["x","y"])");
  CHECK_FALSE(check_settings(R"({"b":1})", ""));
}
