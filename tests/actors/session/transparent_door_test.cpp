#include "actors/session/transparent_door.hpp"

#include "tests/actors/session/door_snapshot.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("transparent door");

namespace {

/// The answer to what the door answers itself.
std::string result_of(const known_server& server, std::string_view method, std::string_view params = "{}") {
  auto way = route_transparent(server, make_request(method, params));
  REQUIRE(std::holds_alternative<rpc_answer>(way));
  auto& answer = std::get<rpc_answer>(way);
  CHECK(answer.kind == answer_kind::result);
  CHECK_FALSE(rpc::check_json(answer.body.view()));
  return std::string{answer.body.view()};
}

known_server git_server() {
  return make_server("git hub", make_catalogue("git hub", git_offer));
}

bool waits(const route& x) {
  return std::holds_alternative<missing>(x) && std::get<missing>(x) == missing::catalogue;
}

} // namespace

TEST_CASE("what a server says of itself is what its client hears, less what the hub does not carry") {
  auto server = git_server();
  auto x = result_of(server, "initialize");
  CHECK(at(x, "protocolVersion") == R"("2025-06-18")");
  CHECK(at(x, "serverInfo") == R"({"name":"its own name","title":"Its title","version":"3"})");
  CHECK(at(x, "instructions") == R"("Be gentle.")");
  CHECK(at(x, "capabilities", "resources") == R"({"subscribe":true})");
  CHECK(at(x, "capabilities", "prompts") == "{}");
  CHECK(at(result_of(server, "server/discover"), "supportedVersions") == R"(["2026-07-28"])");
}

TEST_CASE("lists are the server's own, entry by entry") {
  auto server = git_server();
  auto tools = elements(at(result_of(server, "tools/list"), "tools"));
  REQUIRE(tools.size() == 2);
  CHECK(tools[0] == git_offer.tools[0]);
  CHECK(elements(at(result_of(server, "resources/list"), "resources")) == git_offer.resources);
  CHECK(elements(at(result_of(server, "resources/templates/list"), "resourceTemplates")) == git_offer.templates);
  CHECK(elements(at(result_of(server, "prompts/list"), "prompts")) == git_offer.prompts);
}

TEST_CASE("a cursor that the hub never gave is refused") {
  auto way = route_transparent(git_server(), make_request("tools/list", R"({"cursor":"2"})"));
  CHECK(at(std::get<rpc_answer>(way).body.view(), "code") == "-32602");
}

TEST_CASE("calls go on as they came") {
  auto way = route_transparent(git_server(), make_request("tools/call", R"({"name":"any","arguments":{}})"));
  REQUIRE(std::holds_alternative<forward>(way));
  auto& to = std::get<forward>(way);
  CHECK(to.server == "git hub");
  CHECK(to.params.view() == R"({"name":"any","arguments":{}})");
  CHECK_FALSE(to.tell_as_tool_result);
}

TEST_CASE("a list that the server does not offer is the server's to refuse") {
  auto bare = git_offer;
  bare.capabilities = R"({"tools":{}})";
  auto server = make_server("git hub", make_catalogue("git hub", bare));
  CHECK(std::holds_alternative<forward>(route_transparent(server, make_request("prompts/list"))));
}

TEST_CASE("an unknown server is waited for where its catalogue is the answer, and nowhere else") {
  auto server = make_server("new");
  CHECK(waits(route_transparent(server, make_request("initialize"))));
  CHECK(waits(route_transparent(server, make_request("tools/list"))));
  CHECK(waits(route_transparent(server, make_request("logging/setLevel"))));
  CHECK(std::holds_alternative<forward>(route_transparent(server, make_request("tools/call"))));
  CHECK(result_of(server, "ping") == "{}");
}
