#include "server/answer.hpp"

#include <doctest/doctest.h>

using namespace hub;

namespace {

rpc_answer result(std::string body, bool stateless_form = false) {
  rpc_answer x;
  x.body = json_text{std::move(body)};
  x.stateless_form = stateless_form;
  return x;
}

rpc_answer error(std::string body) {
  rpc_answer x;
  x.kind = answer_kind::error;
  x.body = json_text{std::move(body)};
  return x;
}

constexpr answered_request handshake{era::handshake, "tools/list", "7"};
constexpr answered_request stateless{era::stateless, "tools/call", "\"a\""};
constexpr answered_request stateless_list{era::stateless, "tools/list", "7"};

} // namespace

TEST_CASE("a handshake result goes out as it came") {
  auto x = render(handshake, result(R"({"tools":[]})"));
  CHECK(x.status == 200);
  CHECK(x.message.to_string() == R"({"jsonrpc":"2.0","id":7,"result":{"tools":[]}})");
}

TEST_CASE("a stateless result gets the members of that era in front") {
  CHECK(render(stateless, result(R"({"content":[]})")).message.to_string()
        == R"({"jsonrpc":"2.0","id":"a","result":{"resultType":"complete","content":[]}})");
  CHECK(render(stateless, result(" { } ")).message.to_string()
        == R"({"jsonrpc":"2.0","id":"a","result":{"resultType":"complete" } })");
  CHECK(
    render(stateless_list, result(R"({"tools":[]})")).message.to_string()
    == R"({"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[]}})");
}

TEST_CASE("a result that has the stateless form is left alone") {
  CHECK(render(stateless_list, result(R"({"resultType":"task"})", true)).message.to_string()
        == R"({"jsonrpc":"2.0","id":7,"result":{"resultType":"task"}})");
}

TEST_CASE("a large result is shared and not copied") {
  auto big = result(R"({"content":")" + std::string(100'000, 'x') + "\"}");
  auto x = render(stateless, big);
  CHECK(x.message.size() > 100'000);
  auto shared = false;
  x.message.for_each([&](std::string_view part) {
    shared = shared || part.data() == big.body.view().data() + 1;
  });
  CHECK(shared);
}

TEST_CASE("errors keep code, message and data") {
  auto text = R"({"code":-32002,"message":"no such","data":{"uri":"x"}})";
  auto x = render(handshake, error(text));
  CHECK(x.status == 200);
  CHECK(x.message.to_string()
        == R"({"jsonrpc":"2.0","id":7,"error":{"code":-32002,"message":"no such","data":{"uri":"x"}}})");
}

TEST_CASE("a missing resource has another code in the stateless era") {
  auto x = render(stateless, error(R"({"code":-32002,"message":"no such","data":{"uri":"x"}})"));
  CHECK(x.status == 200);
  CHECK(x.message.to_string()
        == R"({"jsonrpc":"2.0","id":"a","error":{"code":-32602,"message":"no such","data":{"uri":"x"}}})");
}

TEST_CASE("in the stateless era some codes have their own status") {
  CHECK(render(stateless, error(R"({"code":-32601,"message":"m"})")).status == 404);
  CHECK(render(stateless, error(R"({"code":-32021,"message":"m"})")).status == 400);
  CHECK(render(stateless, error(R"({"code":-32602,"message":"m"})")).status == 200);
  CHECK(render(stateless, error(R"({"code":-32603,"message":"m"})")).status == 200);
  CHECK(render(handshake, error(R"({"code":-32601,"message":"m"})")).status == 200);
}

TEST_CASE("a failure of the hub names server, cause and fix") {
  rpc_answer x;
  x.kind = answer_kind::failure;
  x.why = std::make_shared<failure>(
    failure{failure::kind::start_failed, "git", "npx was not found in PATH", "Install Node"});
  CHECK(
    render(handshake, x).message.to_string()
    == R"({"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"npx was not found in PATH. Install Node.","data":{"server":"git","kind":"start_failed","fix":"Install Node"}}})");
}

TEST_CASE("a request that was taken back has no answer") {
  rpc_answer x;
  x.kind = answer_kind::cancelled;
  CHECK(render(handshake, x).message.empty());
}

TEST_CASE("a result that could be cached says what happened, in the metadata that it has or in new one") {
  auto used = [](std::string body, cache_use use, bool stateless_form = false) {
    auto x = result(std::move(body), stateless_form);
    x.cache = use;
    return x;
  };
  constexpr answered_request call{era::handshake, "tools/call", "7"};
  CHECK(render(call, used(R"({"content":[]})", cache_use::hit)).message.to_string()
        == R"({"jsonrpc":"2.0","id":7,"result":{"_meta":{"hub/cache":"hit"},"content":[]}})");
  CHECK(render(call, used(R"({"a":1,"_meta":{"k":1}})", cache_use::shared)).message.to_string()
        == R"({"jsonrpc":"2.0","id":7,"result":{"a":1,"_meta":{"hub/cache":"shared","k":1}}})");
  CHECK(render(call, used(R"({"_meta":{ }})", cache_use::miss)).message.to_string()
        == R"({"jsonrpc":"2.0","id":7,"result":{"_meta":{"hub/cache":"miss" }}})");
  CHECK(render(call, used(" { } ", cache_use::miss)).message.to_string()
        == R"({"jsonrpc":"2.0","id":7,"result": {"_meta":{"hub/cache":"miss"} } })");
  CHECK(render(call, used(R"({"_meta":{"hub/cache":"miss","k":1}})", cache_use::hit)).message.to_string()
        == R"({"jsonrpc":"2.0","id":7,"result":{"_meta":{"hub/cache":"hit","k":1}}})");
  CHECK(render(stateless, used(R"({"content":[]})", cache_use::hit)).message.to_string()
        == R"({"jsonrpc":"2.0","id":"a","result":{"resultType":"complete","_meta":{"hub/cache":"hit"},"content":[]}})");
  CHECK(render(stateless, used(R"({"a":1,"_meta":{"k":1}})", cache_use::hit)).message.to_string()
        == R"({"jsonrpc":"2.0","id":"a","result":{"resultType":"complete","a":1,"_meta":{"hub/cache":"hit","k":1}}})");
  CHECK(render(stateless, used(R"({"resultType":"complete"})", cache_use::hit, true)).message.to_string()
        == R"({"jsonrpc":"2.0","id":"a","result":{"_meta":{"hub/cache":"hit"},"resultType":"complete"}})");
}
