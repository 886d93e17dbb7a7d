#include "tests/bench/tool_call.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hub::bench;

namespace {

/// The unique text of a call, cut out of its request.
std::string text_of(const tool_call& call) {
  auto begin = call.request().find("\"text\":\"") + 8;
  return call.request().substr(begin, call.request().find('"', begin) - begin);
}

std::string answer(const std::string& id, const std::string& text) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{"content":[{"type":"text","text":")" + text + R"("}]}})";
}

} // namespace

TEST_CASE("the answer of a call is accepted") {
  tool_call call{{}, 7, 1};
  CHECK(call.fault_of(answer("7", text_of(call) + "....")) == "");
}

TEST_CASE("an answer with another id, or with a longer one, is not taken for this call's") {
  tool_call call{{}, 7, 1};
  CHECK(call.fault_of(answer("8", text_of(call) + "....")) != "");
  CHECK(call.fault_of(answer("70", text_of(call) + "....")) != "");
}

TEST_CASE("the answer of another session's call with the same id is told apart") {
  tool_call call{{}, 7, 1};
  tool_call other{{}, 7, 2};
  CHECK(call.fault_of(answer("7", text_of(other) + "....")) != "");
}

TEST_CASE("an error that quotes the request is no answer") {
  tool_call call{{}, 7, 1};
  CHECK(call.fault_of(R"({"jsonrpc":"2.0","id":7,"error":{"message":"bad: )" + call.request() + "\"}}") != "");
}

TEST_CASE("a blob that lacks its end is found") {
  call_shape shape;
  shape.tool = "blob";
  shape.bytes = 5000;
  tool_call call{shape, 3, 1};
  auto text = text_of(call);
  auto middle = std::string(5000 - 2 * text.size(), '.');
  CHECK(call.fault_of(answer("3", text + middle + text)) == "");
  CHECK(call.fault_of(answer("3", text + middle)) != "");
}

TEST_CASE("an answer whose notifications of progress are another's, or not all there, is found") {
  call_shape shape;
  shape.progress = 2;
  tool_call call{shape, 3, 1};
  tool_call other{shape, 3, 2};
  auto report = [](const tool_call& x) {
    auto begin = x.request().find("\"progressToken\"");
    return "data: {" + x.request().substr(begin, x.request().find('}', begin) - begin) + ",\"progress\":1}\n\n";
  };
  auto result = answer("3", text_of(call) + "....");
  CHECK(call.fault_of(report(call) + report(call) + result) == "");
  CHECK(call.fault_of(report(call) + result) != "");
  CHECK(call.fault_of(report(call) + report(other) + result) != "");
}

TEST_CASE("a call without a session says all there is to know in _meta") {
  call_shape shape;
  shape.stateless = true;
  tool_call call{shape, 1, 1};
  CHECK(call.request().find(R"(},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)")
        != std::string::npos);
}

TEST_CASE("a call through the meta-tool names the tool in its arguments") {
  call_shape shape;
  shape.tool = "echo__echo";
  shape.through_meta_tool = true;
  tool_call call{shape, 1, 1};
  CHECK(call.request().find(R"("name":"hub__call_tool","arguments":{"tool":"echo__echo","arguments":{"text":")")
        != std::string::npos);
}
