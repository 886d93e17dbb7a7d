#include "demo/demo_server.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using hub::demo::demo_server;

namespace {

struct conversation {
  std::vector<std::string> sent;
  demo_server server{[this](std::string_view message) { sent.emplace_back(message); }};
  demo_server::time_point now{};

  /// What the server sends when it gets this line.
  std::vector<std::string> say(const std::string& line) {
    sent.clear();
    server.receive(line, now);
    return sent;
  }

  /// What it sends while time goes by.
  std::vector<std::string> pass(std::chrono::milliseconds time) {
    sent.clear();
    now += time;
    server.tick(now);
    return sent;
  }

  /// The only message that answers a call of a tool; logging is off.
  std::string call(const std::string& name, const std::string& arguments) {
    say(R"({"jsonrpc":"2.0","id":0,"method":"logging/setLevel","params":{"level":"emergency"}})");
    auto answers = say(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + name + R"(","arguments":)"
                       + arguments + "}}");
    REQUIRE(answers.size() == 1);
    return answers[0];
  }
};

bool has(const std::string& text, const std::string& part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

using messages = std::vector<std::string>;

} // namespace

TEST_CASE_FIXTURE(conversation, "the version asked for is answered if it is known, else the newest") {
  auto version_for = [this](const std::string& asked) {
    return say(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":")" + asked + "\"}}")[0];
  };
  CHECK(has(version_for("2024-11-05"), R"("protocolVersion":"2024-11-05")"));
  CHECK(has(version_for("2025-06-18"), R"("protocolVersion":"2025-06-18")"));
  CHECK(has(version_for("2026-07-28"), R"("protocolVersion":"2025-11-25")"));
}

TEST_CASE_FIXTURE(conversation, "ids come back as they were written") {
  CHECK(say(R"({"jsonrpc":"2.0","id":"7","method":"ping"})") == messages{R"({"jsonrpc":"2.0","id":"7","result":{}})"});
  CHECK(say(R"({"jsonrpc":"2.0","id":-3,"method":"ping"})") == messages{R"({"jsonrpc":"2.0","id":-3,"result":{}})"});
}

TEST_CASE_FIXTURE(conversation, "what is no request is answered with the error of JSON-RPC") {
  CHECK(has(say("garbage")[0], "-32700"));
  CHECK(has(say(std::string(200'000, '['))[0], "-32700"));
  CHECK(has(say("{\"a\":\"\xff\"}")[0], "-32700"));
  CHECK(has(say("[]")[0], "-32600"));
  CHECK(has(say(R"({"jsonrpc":"2.0","id":null,"method":"ping"})")[0], "-32600"));
  CHECK(has(say(R"({"jsonrpc":"2.0","id":1,"method":"server/discover"})")[0], "-32601"));
  CHECK(has(say(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nope"}})")[0], "-32602"));
  CHECK(has(say(R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})")[0], "-32602"));
  CHECK(has(say(R"({"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"demo://notes/9"}})")[0], "-32002"));
}

TEST_CASE_FIXTURE(conversation, "answers and unknown notifications are not answered") {
  CHECK(say(R"({"jsonrpc":"2.0","id":1,"result":{}})").empty());
  CHECK(say(R"({"jsonrpc":"2.0","method":"notifications/initialized"})").empty());
  CHECK(say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}})").empty());
}

TEST_CASE_FIXTURE(conversation, "units are converted and those of different kinds are not") {
  CHECK(has(call("convert_units", R"({"value":98.6,"from":"F","to":"celsius"})"), R"("text":"37 celsius")"));
  CHECK(has(call("convert_units", R"({"value":1,"from":"miles","to":"km"})"), R"({"value":1.609344,"unit":"km"})"));
  CHECK(has(call("convert_units", R"({"value":1,"from":"mi","to":"kg"})"), "is a mass"));
  CHECK(has(call("convert_units", R"({"value":1,"from":"smoot","to":"m"})"), "unknown unit 'smoot'"));
  CHECK(has(call("convert_units", R"({"value":1e308,"from":"km","to":"mm"})"), "too large"));
}

TEST_CASE_FIXTURE(conversation, "wrong arguments are an error of the tool that says what fits") {
  auto missing = call("word_count", "{}");
  CHECK(has(missing, R"("isError":true)"));
  CHECK(has(missing, "'text' is missing"));
  CHECK(has(call("word_count", R"({"text":7})"), "must be a string"));
  CHECK(has(call("roll_dice", R"({"count":1.5})"), "whole number from 1 to 100"));
  CHECK(has(call("roll_dice", R"({"count":1e300})"), "whole number"));
  CHECK(has(call("word_count", "null"), R"("isError":true)"));
}

TEST_CASE_FIXTURE(conversation, "words, lines and characters are counted") {
  CHECK(has(call("word_count", "{\"text\":\"zw\xc3\xb6lf  B\xc3\xa4ren\\nund\"}"), "3 words, 2 lines, 16 characters"));
  CHECK(has(call("word_count", R"({"text":""})"), "0 words, 0 lines, 0 characters"));
}

TEST_CASE_FIXTURE(conversation, "a note can be found and read back") {
  CHECK(has(call("notes_search", "{}"), "No note matches"));
  CHECK(has(call("notes_add", R"({"text":"Buy MILK"})"), "Note #1"));
  CHECK(has(call("notes_search", R"({"query":"milk"})"), "#1 Buy MILK"));
  CHECK(has(say(R"({"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"demo://notes/1"}})")[0], "Buy MILK"));
  CHECK(has(say(R"({"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"demo://notes"}})")[0],
            R"([{\"id\":1,\"text\":\"Buy MILK\"}])"));
}

TEST_CASE_FIXTURE(conversation, "a large text has exactly the size asked for") {
  auto whole = call("make_text", R"({"bytes":100000})");
  auto begin = whole.find("\"text\":\"") + 8;
  auto text = whole.substr(begin, whole.find('"', begin) - begin);
  size_t escapes = 0;
  for (auto at = text.find("\\n"); at != std::string::npos; at = text.find("\\n", at + 2))
    ++escapes;
  CHECK(text.size() - escapes == 100'000);
}

TEST_CASE_FIXTURE(conversation, "a countdown reports progress, lets others by and then answers") {
  CHECK(say(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"countdown",)"
            R"("arguments":{"from":2,"tick_ms":100},"_meta":{"progressToken":"t"}}})")
          .empty());
  CHECK(server.next_tick() == now + 100ms);
  CHECK(say(R"({"jsonrpc":"2.0","id":2,"method":"ping"})").size() == 1);
  CHECK(pass(99ms).empty());
  CHECK(pass(1ms) == messages{R"({"jsonrpc":"2.0","method":"notifications/progress","params":)"
                              R"({"progressToken":"t","progress":1,"total":2,"message":"1 left"}})"});
  auto end = pass(100ms);
  REQUIRE(end.size() == 2);
  CHECK(has(end[0], R"("progress":2)"));
  CHECK(has(end[1], R"("id":1,"result")"));
  CHECK(!server.next_tick());
}

TEST_CASE_FIXTURE(conversation, "a cancelled countdown is never answered") {
  say(R"({"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"countdown"}})");
  // A number is not the same id as a string.
  say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  CHECK(server.next_tick());
  say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}})");
  CHECK(!server.next_tick());
  CHECK(pass(10s).empty());
}

TEST_CASE_FIXTURE(conversation, "the client hears of what its log level lets through") {
  auto fail = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"fail_on_purpose"}})";
  CHECK(say(fail).size() == 2);
  CHECK(say(R"({"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{"level":"critical"}})").size() == 1);
  CHECK(say(fail).size() == 1);
  CHECK(has(say(R"({"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{"level":"loud"}})")[0], "-32602"));
}

TEST_CASE_FIXTURE(conversation, "arguments of prompts and templates are completed") {
  auto complete = [this](const std::string& ref, const std::string& name, const std::string& value) {
    return say(R"({"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":)" + ref + R"(,"argument":{"name":")"
               + name + R"(","value":")" + value + "\"}}}")[0];
  };
  CHECK(has(complete(R"({"type":"ref/prompt","name":"plan_trip"})", "zone", "Asia/T"), R"("values":["Asia/Tokyo"])"));
  CHECK(has(complete(R"({"type":"ref/resource","uri":"demo://units/{kind}"})", "kind", "len"), R"(["length"])"));
  CHECK(has(complete(R"({"type":"ref/prompt","name":"other"})", "zone", ""), R"("values":[])"));
}

TEST_CASE_FIXTURE(conversation, "prompts take their arguments and miss them") {
  auto get = [this](const std::string& rest) {
    return say(R"({"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{)" + rest + "}}")[0];
  };
  CHECK(has(get(R"("name":"plan_trip","arguments":{"zone":"Asia/Tokyo","days":"5"})"), "trip of 5 days"));
  CHECK(has(get(R"("name":"plan_trip")"), "'zone' is missing"));
  CHECK(has(get(R"("name":"nope")"), "unknown prompt"));
}

TEST_CASE_FIXTURE(conversation, "the time of a zone has its offset and strange names are refused") {
  CHECK(has(call("world_time", "{}"), "+00:00 in UTC"));
  CHECK(has(call("world_time", R"({"zone":"Asia/Tokyo"})"), "+09:00"));
  CHECK(has(call("world_time", R"({"zone":"../../etc/passwd"})"), "unknown time zone"));
  CHECK(has(call("world_time", R"({"zone":"Nowhere/Land"})"), "unknown time zone"));
}
