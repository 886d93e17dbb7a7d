#include "messages/rpc/compose.hpp"
#include "messages/rpc/envelope.hpp"
#include "messages/rpc/json_scan.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::rpc;

namespace {

envelope good(scanned x) {
  if (auto* bad = std::get_if<bad_message>(&x))
    FAIL(bad->message);
  return std::get<envelope>(std::move(x));
}

bad_message bad(scanned x) {
  REQUIRE(std::holds_alternative<bad_message>(x));
  return std::get<bad_message>(std::move(x));
}

json_text text(std::string x) {
  return json_text{std::move(x)};
}

} // namespace

TEST_SUITE_BEGIN("rpc");

TEST_CASE("a request is cut into its parts") {
  auto x = good(scan_client_message(
    text(R"( {"params": {"name":"a","arguments":{"x":[1,2]}} ,"id": "7","method":"tools/call","jsonrpc":"2.0"} )")));
  CHECK(x.kind == message_kind::request);
  CHECK(x.id.view() == "\"7\"");
  CHECK(x.method == "tools/call");
  CHECK(x.params.view() == R"({"name":"a","arguments":{"x":[1,2]}})");
}

TEST_CASE("a message without id is a notification, and one without method an answer") {
  CHECK(good(scan_client_message(text(R"({"jsonrpc":"2.0","method":"a"})"))).kind
        == message_kind::notification);
  auto result = good(scan_server_message(text(R"({"jsonrpc":"2.0","id":-3,"result":{"a":"}"}})")));
  CHECK(result.kind == message_kind::result);
  CHECK(result.id.view() == "-3");
  CHECK(result.body.view() == R"({"a":"}"})");
  CHECK(good(scan_server_message(text(R"({"jsonrpc":"2.0","id":null,"error":{"code":1}})"))).kind
        == message_kind::error);
}

TEST_CASE("what is not JSON-RPC is refused with its code and its id") {
  struct { const char* text; int code; const char* id; } cases[] = {
    {"", -32700, "null"},
    {"{", -32700, "null"},
    {"{} {}", -32700, "null"},
    {"[]", -32600, "null"},
    {"\"x\"", -32600, "null"},
    {R"({"id":1,"method":"a"})", -32600, "1"},
    {R"({"jsonrpc":"1.0","id":1,"method":"a"})", -32600, "1"},
    {R"({"jsonrpc":"2.0","id":null,"method":"a"})", -32600, "null"},
    {R"({"jsonrpc":"2.0","id":1.5,"method":"a"})", -32600, "null"},
    {R"({"jsonrpc":"2.0","id":{},"method":"a"})", -32600, "null"},
    {R"({"jsonrpc":"2.0","id":1,"method":3})", -32600, "1"},
    {R"({"jsonrpc":"2.0","id":1,"method":"a","params":[1]})", -32600, "1"},
    {R"({"jsonrpc":"2.0","id":1,"id":2,"method":"a"})", -32600, "2"},
    {R"({"jsonrpc":"2.0","id":1})", -32600, "1"},
    {R"({"jsonrpc":"2.0","id":1,"method":"a","result":1})", -32600, "1"},
  };
  for (auto& x : cases) {
    CAPTURE(x.text);
    auto refused = bad(scan_client_message(text(x.text)));
    CHECK(refused.code == x.code);
    CHECK(refused.id.view() == x.id);
  }
}

TEST_CASE("deep nesting is an error and no crash") {
  std::string deep(200'000, '[');
  CHECK(bad(scan_client_message(text(deep))).code == -32700);
  CHECK(bad(scan_server_message(text(deep))).code == -32700);
  auto inner = R"({"jsonrpc":"2.0","id":1,"result":)" + deep + "}";
  CHECK(bad(scan_server_message(text(inner))).code == -32700);
}

TEST_CASE("bad UTF-8 is refused on both sides") {
  std::string broken = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}";
  CHECK(bad(scan_client_message(text(broken))).code == -32700);
  CHECK(bad(scan_server_message(text(broken))).code == -32700);
}

TEST_CASE("mismatched brackets end no value") {
  CHECK(json_cursor{"{\"a\":[}"}.value().empty());
  CHECK(json_cursor{"[1,{\"a\":2]}"}.value().empty());
  CHECK(json_cursor{"[\"]\",{\"}\":\"\\\"]\"}]x"}.value() == "[\"]\",{\"}\":\"\\\"]\"}]");
}

TEST_CASE("a string ends at the first quote that is not escaped, wherever blocks begin") {
  // Runs of backslashes of every length across every border of 64 bytes.
  for (size_t before = 0; before < 140; ++before)
    for (size_t run = 0; run < 6; ++run) {
      auto body = std::string(before, 'x') + std::string(run, '\\') + '"';
      auto text = '"' + body + std::string(80, 'y') + "\"]";
      auto first = before + run + 2;
      auto expected = run % 2 == 0 ? first : first + 81;
      CAPTURE(before);
      CAPTURE(run);
      CHECK(json_cursor{text}.value().size() == expected);
      CHECK(json_cursor{text.substr(0, expected - 1)}.value().empty());
    }
}

TEST_CASE("strings are quoted and unquoted") {
  CHECK(unquote(R"("a\"\\\n\u00e4\ud83d\ude00")") == "a\"\\\n\xC3\xA4\xF0\x9F\x98\x80");
  CHECK(unquote("a") == std::nullopt);
  CHECK(quote("a\"\n\x01") == R"("a\"\n\u0001")");
  CHECK(unquote(quote("tab\t slash\\ \xC3\xA4")) == "tab\t slash\\ \xC3\xA4");
  CHECK(is_utf8(quote("\xff\xfe")));
}

TEST_CASE("members are replaced, added and removed, and the rest keeps its text") {
  auto object = text(R"({"a": 1.0, "name":"x","_meta":{"k":[ 1 ]}})");
  CHECK(edit_members(object, {{"name", "\"y\""}, {"_meta", ""}, {"z", "3"}}).view()
        == R"({"a":1.0,"name":"y","z":3})");
  CHECK(edit_members({}, {{"z", "3"}}).view() == R"({"z":3})");
}

TEST_CASE("members are put in front of others") {
  CHECK(prepend_members(text("{}"), "\"a\":1").to_string() == R"({"a":1})");
  CHECK(prepend_members(text(" {\"b\":2}"), "\"a\":1").to_string() == R"({"a":1,"b":2})");
}

TEST_CASE("a large result is shared and not copied") {
  auto large = text('"' + std::string(composer::share_from, 'x') + '"');
  auto message = make_result("1", large);
  bool shared = false;
  message.for_each([&](std::string_view part) { shared |= part.data() == large.view().data(); });
  CHECK(shared);
  CHECK(message.to_string() == R"({"jsonrpc":"2.0","id":1,"result":)" + std::string{large.view()} + "}");
}

TEST_CASE("a member that is rarely there is found wherever it stands, and nowhere else") {
  CHECK(rare_member(R"({"_meta":1})", "_meta") == "1");
  CHECK(rare_member(R"({"a":{"_meta":1}})", "_meta").empty());
  CHECK(rare_member(R"({"a":"_meta"})", "_meta").empty());
  CHECK(rare_member("{}", "_meta").empty());
  CHECK(rare_member("", "_meta").empty());
  // At each distance from the blocks of 16 that are looked at.
  for (size_t before = 0; before < 40; ++before)
    for (size_t behind = 0; behind < 40; ++behind) {
      auto text = R"({"a":")" + std::string(before, 'm') + R"(","_meta":"x","b":")" + std::string(behind, '_') + "\"}";
      CHECK(rare_member(text, "_meta") == "\"x\"");
      CHECK(rare_member(text, "_mete").empty());
    }
}

TEST_CASE("a message with many members is read like one with few") {
  std::string more;
  for (auto i = 0; i < 30; ++i)
    more += ",\"x" + std::to_string(i) + "\":[" + std::to_string(i) + "]";
  auto x = good(scan_client_message(json_text{R"({"jsonrpc":"2.0","id":7)" + more + R"(,"method":"a","params":{"b":1}})"}));
  CHECK(x.id.view() == "7");
  CHECK(x.method == "a");
  CHECK(x.params.view() == R"({"b":1})");
  auto twice = bad(scan_client_message(json_text{R"({"jsonrpc":"2.0","id":7,"id":8,"method":"a"})"}));
  CHECK(twice.message == "Invalid Request: a member of the message appears twice");
}
