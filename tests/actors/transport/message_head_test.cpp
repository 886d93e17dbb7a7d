#include "actors/transport/message_head.hpp"
#include "messages/mirrored_headers.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_SUITE_BEGIN("message_head");

namespace {

std::string value_of(const header_block& headers, std::string_view name) {
  return std::string{headers.find(name)};
}

} // namespace

TEST_CASE("a value that a header cannot carry goes in Base64 behind the sentinel") {
  CHECK(encode_header_value("plain text") == "plain text");
  CHECK(encode_header_value("") == "");
  CHECK(encode_header_value("Hello\n") == "=?base64?SGVsbG8K?=");
  CHECK(encode_header_value(" a") == "=?base64?IGE=?=");
  CHECK(encode_header_value("\u00fc") == "=?base64?w7w=?=");
  CHECK(encode_header_value("=?base64?x?=") == "=?base64?PT9iYXNlNjQ/eD89?=");
}

TEST_CASE("a message of the handshake era names version and session, but initialize does not") {
  http_hints hints;
  hints.version = "2025-06-18";
  hints.method = "tools/call";
  hints.name = "echo";
  auto headers = message_headers(hints, "s1");
  CHECK(value_of(headers, "Accept") == "application/json, text/event-stream");
  CHECK(value_of(headers, "MCP-Protocol-Version") == "2025-06-18");
  CHECK(value_of(headers, "Mcp-Session-Id") == "s1");
  CHECK(value_of(headers, "Mcp-Method") == "");
  hints.method = "initialize";
  headers = message_headers(hints, "s1");
  CHECK(value_of(headers, "MCP-Protocol-Version") == "");
  CHECK(value_of(headers, "Mcp-Session-Id") == "");
}

TEST_CASE("a message of the stateless era mirrors method, name and parameters") {
  http_hints hints;
  hints.stateless = true;
  hints.method = "tools/call";
  hints.name = "n\u00e4me";
  hints.params = {{"Region", "\"eu\""}, {"Count", "42"}, {"On", "true"}, {"Text", "\"a\\nb\""}};
  auto headers = message_headers(hints, "s1");
  CHECK(value_of(headers, "MCP-Protocol-Version") == "2026-07-28");
  CHECK(value_of(headers, "Mcp-Session-Id") == "");
  CHECK(value_of(headers, "Mcp-Method") == "tools/call");
  CHECK(value_of(headers, "Mcp-Name") == "=?base64?bsOkbWU=?=");
  CHECK(value_of(headers, "Mcp-Param-Region") == "eu");
  CHECK(value_of(headers, "Mcp-Param-Count") == "42");
  CHECK(value_of(headers, "Mcp-Param-On") == "true");
  CHECK(value_of(headers, "Mcp-Param-Text") == "=?base64?YQpi?=");
}

TEST_CASE("an answer is told from a question with the same id") {
  CHECK(answers_request(R"({"result":{},"jsonrpc":"2.0","id":7})", 7));
  CHECK(answers_request(R"({"jsonrpc":"2.0","id":7,"error":{"code":1}})", 7));
  CHECK_FALSE(answers_request(R"({"jsonrpc":"2.0","id":8,"result":{}})", 7));
  CHECK_FALSE(answers_request(R"({"jsonrpc":"2.0","id":"7","result":{}})", 7));
  CHECK_FALSE(answers_request(R"({"jsonrpc":"2.0","id":7,"method":"roots/list"})", 7));
  CHECK_FALSE(answers_request(R"({"jsonrpc":"2.0","method":"x","params":{"id":7,"result":1}})", 7));
  CHECK_FALSE(answers_request("nonsense", 7));
}

TEST_CASE("messages lose their line feeds, and batches fall apart") {
  auto one = split_messages("{\n \"id\": 1,\r\n \"result\": {}\n}\n");
  REQUIRE(one.size() == 1);
  CHECK(one[0].view().find('\n') == std::string_view::npos);
  auto two = split_messages(R"([{"id":1}, {"id":2}])");
  REQUIRE(two.size() == 2);
  CHECK(two[1].view() == R"({"id":2})");
  CHECK(split_messages("").empty());
  CHECK(split_messages("OK").empty());
  CHECK(split_messages("[{").empty());
}

TEST_CASE("an error without an id becomes the answer, one of another request does not") {
  CHECK(error_for(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}})", 7).view()
        == R"({"jsonrpc":"2.0","id":7,"error":{"code":-32600,"message":"no"}})");
  CHECK(answers_request(error_for(R"({"error":{"code":1,"message":"no"}})", 7).view(), 7));
  CHECK(error_for(R"({"jsonrpc":"2.0","id":8,"error":{"code":1}})", 7).empty());
  CHECK(error_for(R"({"error":"invalid_token"})", 7).empty());
  CHECK(error_for("<html>404</html>", 7).empty());
}

TEST_CASE("an excerpt is one short line without markup") {
  CHECK(excerpt_of("<html><body>\n  <h1>Not  Found</h1>\r\n</body></html>") == "Not Found");
  CHECK(excerpt_of(std::string(1000, 'x')).size() == 160);
  CHECK(excerpt_of(std::string(159, 'x') + "\u00fc") == std::string(159, 'x'));
}

TEST_CASE("a session id is visible ASCII") {
  CHECK(is_session_id("abc-123"));
  for (auto text : {"", "a b", "a\x7f", "\xc3\xbc"})
    CHECK_FALSE(is_session_id(text));
}
