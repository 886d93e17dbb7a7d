#include "actors/session/header_check.hpp"
#include "tests/actors/session/door_snapshot.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;

namespace {

constexpr auto offer = R"({"tools":[{"name":"t","inputSchema":{"type":"object","properties":{)"
                       R"("region":{"type":"string","x-mcp-header":"Region"},)"
                       R"("n":{"type":"integer","x-mcp-header":"N"},)"
                       R"("on":{"type":"boolean","x-mcp-header":"On"}}}}]})";

using headers = std::vector<std::pair<std::string, std::string>>;

/// What is wrong with a call of `t` with these arguments and headers; empty if nothing is.
std::string fault_of(std::string arguments, headers sent, std::string tool = "t") {
  auto catalogue = std::make_shared<server_catalogue>();
  catalogue->server = "s";
  rpc::for_each_element(rpc::member(offer, "tools"), [&](std::string_view x) {
    catalogue->tools.emplace_back(std::string{x});
    return true;
  });
  known_server server;
  server.name = "s";
  server.catalogue = catalogue;
  catalog_snapshot snapshot{{server}};
  auto request = make_request("tools/call", "{}", "1", era::stateless);
  if (!sent.empty())
    request.param_headers = std::make_shared<const headers>(std::move(sent));
  forward call{"s", "tools/call",
               json_text{R"({"name":")" + tool + R"(","arguments":)" + arguments + "}"}};
  return find_header_mismatch(snapshot, call, request).value_or("");
}

} // namespace

TEST_CASE("headers that repeat their arguments are fine") {
  CHECK(fault_of("{}", {}) == "");
  CHECK(fault_of(R"({"region":"grün"})", {{"Region", "grün"}}) == "");
  CHECK(fault_of(R"({"region":"eu","n":12,"on":true})", {{"region", "eu"}, {"N", "12"}, {"ON", "true"}}) == "");
  CHECK(fault_of(R"({"n":12})", {{"N", "12.0"}}) == "");
  CHECK(fault_of(R"({"region":null})", {}) == "");
  CHECK(fault_of("{}", {{"Unknown", "x"}}) == "");
  CHECK(fault_of(R"({"region":"eu"})", {}, "another") == "");
}

TEST_CASE("a header that is missing, different or too many is told") {
  CHECK(fault_of(R"({"region":"eu"})", {}).find("Mcp-Param-Region is missing") != std::string::npos);
  CHECK(fault_of(R"({"region":"eu"})", {{"Region", "us"}}).find("says 'us'") != std::string::npos);
  CHECK(fault_of(R"({"region":"eu"})", {{"Region", "eu"}, {"Region", "us"}}) != "");
  CHECK(fault_of(R"({"n":12})", {{"N", "13"}}) != "");
  CHECK(fault_of(R"({"n":12})", {{"N", "x"}}) != "");
  CHECK(fault_of(R"({"on":true})", {{"On", "false"}}) != "");
  CHECK(fault_of("{}", {{"Region", "eu"}}).find("leave it out") != std::string::npos);
}
