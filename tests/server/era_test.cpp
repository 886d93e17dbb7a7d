#include "server/era.hpp"

#include "tests/server/requests.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;

namespace {

refusal refused(const http_request& request) {
  auto read = read_post(request);
  REQUIRE(std::holds_alternative<refusal>(read));
  return std::get<refusal>(read);
}

mcp_post taken(const http_request& request) {
  auto read = read_post(request);
  if (auto why = std::get_if<refusal>(&read))
    FAIL(why->message);
  return std::get<mcp_post>(read);
}

/// A stateless request whose `_meta` is exactly this.
std::string with_meta(std::string_view meta) {
  return R"({"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":)" + std::string{meta}
         + "}}";
}

} // namespace

TEST_CASE("a request without a claim belongs to the handshake era") {
  auto post = taken(handshake_post(R"({"jsonrpc":"2.0","id":"a","method":"tools/list"})"));
  CHECK(post.era == era::handshake);
  CHECK(post.message.kind == rpc::message_kind::request);
  CHECK(post.message.method == "tools/list");
  CHECK(post.message.id.view() == "\"a\"");
}

TEST_CASE("a request whose metadata names 2026-07-28 belongs to the stateless era") {
  auto post = taken(stateless_post("tools/list", stateless_text("tools/list")));
  CHECK(post.era == era::stateless);
  CHECK(post.claim.version == "2026-07-28");
  CHECK(post.claim.info == R"({"name":"t","version":"1"})");
  CHECK(post.claim.capabilities == "{}");
  CHECK(post.claim.logs == log_level::off);
}

TEST_CASE("a body that is no JSON is refused with a parse error") {
  for (auto body : {"", "   ", "{", "nope", "{\"jsonrpc\":\"2.0\",}", "\xff\xfe"}) {
    auto why = refused(handshake_post(body));
    CHECK(why.status == 400);
    CHECK(why.code == -32700);
  }
}

TEST_CASE("JSON that is no message is refused as an invalid request") {
  for (auto body : {"7", "{}", R"({"jsonrpc":"2.0"})", R"({"jsonrpc":"1.0","id":1,"method":"x"})",
                    R"({"jsonrpc":"2.0","id":null,"method":"x"})",
                    R"({"jsonrpc":"2.0","id":1,"method":7})",
                    R"({"jsonrpc":"2.0","id":1,"method":"x","params":[1]})"}) {
    auto why = refused(handshake_post(body));
    CHECK(why.status == 400);
    CHECK(why.code == -32600);
  }
}

TEST_CASE("200,000 nested brackets are refused") {
  CHECK(refused(handshake_post(std::string(200'000, '['))).code == -32700);
  CHECK(refused(handshake_post(R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"a":)"
                               + std::string(200'000, '[')))
          .code
        == -32700);
}

TEST_CASE("a body that is not declared as JSON is refused") {
  auto request = handshake_post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  request.content_type = "text/plain";
  CHECK(refused(request).status == 415);
  request.content_type = "";
  CHECK(refused(request).status == 415);
  request.content_type = "Application/JSON; charset=utf-8";
  CHECK(taken(request).message.method == "ping");
}

TEST_CASE("a client that takes neither JSON nor a stream is refused") {
  auto request = handshake_post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  request.accepts = {};
  CHECK(refused(request).status == 406);
}

TEST_CASE("an unsupported version is refused with the supported ones") {
  for (auto version : {"2025-11-25", "2099-01-01", "draft"}) {
    auto text = with_meta(R"({"io.modelcontextprotocol/protocolVersion":")" + std::string{version}
                          + R"(","io.modelcontextprotocol/clientCapabilities":{}})");
    // A header that says something else is the nearer mistake.
    CHECK(refused(stateless_post("tools/list", text)).code == -32020);
    auto request = stateless_post("tools/list", text);
    request.protocol_version = version;
    auto why = refused(request);
    CHECK(why.status == 400);
    CHECK(why.code == -32022);
    CHECK(why.data == R"({"supported":["2026-07-28"],"requested":")" + std::string{version}
                        + "\"}");
    CHECK(why.id.view() == "7");
  }
}

TEST_CASE("a header that names 2026-07-28 requires the metadata") {
  for (auto text :
       {R"({"jsonrpc":"2.0","id":7,"method":"tools/list"})",
        R"({"jsonrpc":"2.0","id":7,"method":"tools/list","params":{}})",
        R"({"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})"}) {
    auto why = refused(stateless_post("tools/list", text));
    CHECK(why.status == 400);
    CHECK(why.code == -32602);
    CHECK(why.id.view() == "7");
  }
}

TEST_CASE("metadata of a wrong shape is refused as invalid params") {
  for (auto meta :
       {R"({"io.modelcontextprotocol/protocolVersion":7})",
        R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28"})",
        R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":[]})",
        R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":"x"})",
        R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/logLevel":"loud"})"}) {
    auto why = refused(stateless_post("tools/list", with_meta(meta)));
    CHECK(why.status == 400);
    CHECK(why.code == -32602);
  }
}

TEST_CASE("the client's information may be absent, and the log level is read") {
  auto post = taken(stateless_post(
    "tools/list",
    with_meta(
      R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/logLevel":"warning"})")));
  CHECK(post.claim.info == "");
  CHECK(post.claim.logs == log_level::warning);
}

TEST_CASE("a metadata key may be written with escapes") {
  auto post = taken(stateless_post(
    "tools/list",
    with_meta(
      R"({"io.modelcontextprotocol\/protocolVersion":"2026-07-28","io.modelcontextprotocol\u002fclientCapabilities":{}})")));
  CHECK(post.era == era::stateless);
}

TEST_CASE("headers must agree with the body of a stateless request") {
  auto text = stateless_text("tools/list");
  auto request = stateless_post("tools/list", text);
  SUBCASE("the version is missing") {
    request.protocol_version = {};
  }
  SUBCASE("the version differs") {
    request.protocol_version = "2025-11-25";
  }
  SUBCASE("the method is missing") {
    request.mcp_method = {};
  }
  SUBCASE("the method differs") {
    request.mcp_method = "tools/call";
  }
  SUBCASE("the method differs in case") {
    request.mcp_method = "Tools/List";
  }
  auto why = refused(request);
  CHECK(why.status == 400);
  CHECK(why.code == -32020);
  CHECK(why.id.view() == "7");
}

TEST_CASE("blanks around header values do not count") {
  auto request = stateless_post("  tools/list\t", stateless_text("tools/list"));
  request.protocol_version = " 2026-07-28 ";
  CHECK(taken(request).era == era::stateless);
}

TEST_CASE("methods that the stateless era removed are not found") {
  for (auto method : {"initialize", "ping", "logging/setLevel", "resources/subscribe",
                      "resources/unsubscribe"}) {
    auto text = stateless_text(method);
    auto why = refused(stateless_post(method, text));
    CHECK(why.status == 404);
    CHECK(why.code == -32601);
    CHECK(why.id.view() == "7");
  }
}

TEST_CASE("a notification belongs to the era that the header names") {
  auto text = R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})";
  CHECK(taken(handshake_post(text)).era == era::handshake);
  CHECK(taken(stateless_post("notifications/cancelled", text)).era == era::stateless);
}

TEST_CASE("an answer of a client is taken in the handshake era only") {
  auto text = R"({"jsonrpc":"2.0","id":1,"result":{}})";
  CHECK(taken(handshake_post(text)).message.kind == rpc::message_kind::result);
  auto why = refused(stateless_post("", text));
  CHECK(why.status == 400);
  CHECK(why.code == -32600);
}

TEST_CASE("a batch is split into its messages") {
  auto post = taken(handshake_post(
    R"( [{"jsonrpc":"2.0","id":1,"method":"a"}, {"jsonrpc":"2.0","method":"b"},{"jsonrpc":"2.0","id":"2","method":"c"}])"));
  CHECK(post.era == era::handshake);
  REQUIRE(post.batch.size() == 3);
  CHECK(post.batch[0].method == "a");
  CHECK(post.batch[1].kind == rpc::message_kind::notification);
  CHECK(post.batch[2].id.view() == "\"2\"");
}

TEST_CASE("batches that nobody may send are refused as invalid requests") {
  auto many = std::string{"["};
  for (auto i = 0; i < 65; ++i)
    many += std::string{i == 0 ? "" : ","} + R"({"jsonrpc":"2.0","method":"n"})";
  many += "]";
  for (auto& body : {std::string{"[]"}, std::string{"[1]"}, many,
                     std::string{R"([{"jsonrpc":"2.0","id":1,"method":"initialize"}])"},
                     "[" + stateless_text("tools/list") + "]"}) {
    auto why = refused(handshake_post(body));
    CHECK(why.status == 400);
    CHECK(why.code == -32600);
  }
  auto why = refused(stateless_post("a", R"([{"jsonrpc":"2.0","id":1,"method":"a"}])"));
  CHECK(why.code == -32600);
}

TEST_CASE("a session takes the four handshake versions in its header, or none") {
  for (auto version : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", ""})
    CHECK(!check_handshake_version(version, {}));
  auto why = check_handshake_version("1900-01-01", json_text{"3"});
  REQUIRE(why);
  CHECK(why->status == 400);
  CHECK(why->id.view() == "3");
}

TEST_CASE("an unknown or stateless version is negotiated down to the newest with initialize") {
  CHECK(negotiate("2024-11-05") == "2024-11-05");
  CHECK(negotiate("2025-06-18") == "2025-06-18");
  CHECK(negotiate("2026-07-28") == "2025-11-25");
  CHECK(negotiate("2099-01-01") == "2025-11-25");
}

TEST_CASE("the text of a refusal has the id if it is known, and none otherwise") {
  CHECK(to_message({400, -32600, "No.", "", json_text{"\"x\""}}).to_string()
        == R"({"jsonrpc":"2.0","id":"x","error":{"code":-32600,"message":"No."}})");
  CHECK(to_message({400, -32700, "No.", "{}", json_text{"null"}}).to_string()
        == R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"No.","data":{}}})");
}

namespace {

constexpr auto from_meta = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr auto from_header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

trace_context_ptr trace_read(const http_request& request) {
  auto post = taken(request);
  return trace_of(post.trace, request);
}

} // namespace

TEST_CASE("the trace of a request is read from its metadata, in both eras") {
  auto meta = R"({"traceparent":")" + std::string{from_meta} + R"(","tracestate":"a=1","baggage":"b=\u0032"})";
  auto request = handshake_post(with_meta(meta));
  request.traceparent = from_header;
  request.tracestate = "c=3";
  auto trace = trace_read(request);
  REQUIRE(trace);
  CHECK(to_string(trace->trace) == "0af7651916cd43dd8448eb211c80319c");
  CHECK(trace->state == "a=1");
  CHECK(trace->baggage == "b=2");
  auto text = stateless_text("tools/list");
  text.insert(text.find("\"_meta\":{") + 9, R"("traceparent":")" + std::string{from_meta} + R"(",)");
  trace = trace_read(stateless_post("tools/list", text));
  REQUIRE(trace);
  CHECK(span_text(trace->parent) == "b7ad6b7169203331");
}

TEST_CASE("the trace of a request is read from its headers if its metadata has none") {
  auto request = handshake_post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
  CHECK_FALSE(trace_read(request));
  request.traceparent = from_header;
  request.tracestate = "c=3";
  request.baggage = "d=4";
  auto trace = trace_read(request);
  REQUIRE(trace);
  CHECK(to_string(trace->trace) == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(trace->state == "c=3");
  CHECK(trace->baggage == "d=4");
  request.traceparent = "nonsense";
  CHECK_FALSE(trace_read(request));
}

TEST_CASE("each message of a batch has a span of its own") {
  auto request = handshake_post("[]");
  request.traceparent = from_header;
  auto common = trace_of(request);
  auto first = trace_of(json_text{"{}"}, common);
  auto second = trace_of(json_text{}, common);
  auto third = trace_of(json_text{R"({"_meta":{"traceparent":")" + std::string{from_meta} + "\"}}"}, common);
  REQUIRE((first && second && third));
  CHECK(first->trace == common->trace);
  CHECK(first->parent == common->parent);
  CHECK(first->call != second->call);
  CHECK(third->trace != common->trace);
  CHECK_FALSE(trace_of(json_text{"{}"}, nullptr));
}
