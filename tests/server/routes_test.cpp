#include "server/routes.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_CASE("the MCP endpoints are the federated one and one for each server") {
  CHECK(find_route("/mcp").place == place::mcp);
  CHECK(find_route("/mcp").server == "");
  CHECK(find_route("/mcp/").place == place::mcp);
  CHECK(find_route("/mcp?x=1").place == place::mcp);
  CHECK(find_route("/mcp/github").server == "github");
  CHECK(find_route("/mcp/github/").server == "github");
  CHECK(find_route("/mcp/io.github%2Fx%20y").server == "io.github/x y");
  CHECK(find_route("/mcp/a/b").server == "a/b");
  CHECK(find_route("/mcp/%zz").place == place::nowhere);
  CHECK(find_route("/mcp/%4").place == place::nowhere);
  CHECK(find_route("/mcp/%00").place == place::nowhere);
  CHECK(find_route("/mcpx").place == place::nowhere);
  CHECK(find_route("/MCP").place == place::nowhere);
}

TEST_CASE("groups and old event streams have their addresses") {
  CHECK(find_route("/mcp/g/web").group == "web");
  CHECK(find_route("/mcp/g/web").server == "");
  CHECK(find_route("/mcp/g/a%2Fb/x%20y").group == "a/b");
  CHECK(find_route("/mcp/g/a%2Fb/x%20y").server == "x y");
  CHECK(find_route("/mcp/g/web/").group == "web");
  CHECK(find_route("/mcp/g//x").place == place::nowhere);
  CHECK(find_route("/sse").place == place::sse);
  CHECK(find_route("/sse?sessionId=0-ab").session == "0-ab");
  CHECK(find_route("/mcp/github/sse").place == place::sse);
  CHECK(find_route("/mcp/github/sse?sessionId=0-ab").server == "github");
  CHECK(find_route("/mcp/g/web/sse").place == place::sse);
  CHECK(find_route("/mcp/g/web/sse").group == "web");
  CHECK(find_route("/mcp/g/web/github/sse").server == "github");
}

TEST_CASE("an MCP address says how many real tools its client wants to see") {
  CHECK_FALSE(find_route("/mcp").tools);
  CHECK(find_route("/mcp?tools=5").tools == 5);
  CHECK(find_route("/mcp/g/web?x=1&tools=0").tools == 0);
  CHECK(find_route("/mcp?tools=99999999999").tools == most_tools);
  CHECK(find_route("/sse?tools=7").tools == 7);
  for (auto* text : {"", "-1", "5x", "%35"}) {
    auto found = find_route(std::string{"/mcp?a=b&tools="} + text);
    CHECK_FALSE(found.tools);
    CHECK(found.wrong_tools);
  }
  CHECK_FALSE(find_route("/mcp?tools=5").wrong_tools);
  CHECK_FALSE(find_route("/mcp?mytools=x").wrong_tools);
  CHECK(find_route("/mcp//health?tools=3").place == place::mcp);
}

TEST_CASE("servers whose names are words of paths can be reached") {
  CHECK(find_route("/mcp/g").place == place::mcp);
  CHECK(find_route("/mcp/g").server == "g");
  CHECK(find_route("/mcp/g").group == "");
  CHECK(find_route("/mcp/g/sse").place == place::sse);
  CHECK(find_route("/mcp/g/sse").server == "g");
  CHECK(find_route("/mcp/sse").place == place::mcp);
  CHECK(find_route("/mcp/sse").server == "sse");
  CHECK(find_route("/mcp/sse/sse").server == "sse");
  CHECK(find_route("/mcp/%67/x").server == "g/x");
  CHECK(find_route("/mcp/g/web/%73se").server == "sse");
}

TEST_CASE("a whole URL is as good as a path") {
  CHECK(find_route("http://localhost:1/mcp/x?y").server == "x");
  CHECK(authority_of("http://localhost:1/mcp") == "localhost:1");
  CHECK(authority_of("HTTPS://a.b?x") == "a.b");
  CHECK(authority_of("/mcp//x") == "");
  CHECK(find_route("http://localhost").place == place::nowhere);
}

TEST_CASE("health and the management API have their places") {
  CHECK(find_route("/health").place == place::live);
  CHECK(find_route("/healthz").place == place::live);
  CHECK(find_route("/health/live").place == place::live);
  CHECK(find_route("/health/ready").place == place::ready);
  CHECK(find_route("/api/health").place == place::api_health);
  CHECK(find_route("/api/status").place == place::api_status);
  CHECK(find_route("/api/servers").place == place::api_servers);
  CHECK(find_route("/api/servers/a%20b").place == place::api_server);
  CHECK(find_route("/api/servers/a%20b").server == "a b");
  CHECK(find_route("/api/servers/x/restart").place == place::api_restart);
  CHECK(find_route("/api/servers/x/reconnect").server == "x");
  CHECK(find_route("/api/servers/restart").place == place::api_server);
  CHECK(find_route("/api/tools").place == place::api_tools);
  CHECK(find_route("/api/tools?a=1&server=x%2fy").server == "x/y");
  CHECK(find_route("/api/stop").place == place::api_stop);
  CHECK(find_route("/api/restart").place == place::api_begin);
  CHECK(find_route("/api/other").place == place::nowhere);
}

TEST_CASE("probes for OAuth documents find nothing") {
  for (auto target : {"/.well-known/oauth-protected-resource/mcp",
                      "/.well-known/oauth-authorization-server", "/", "", "*", "/register"})
    CHECK(find_route(target).place == place::nowhere);
}

TEST_CASE("each place takes its methods") {
  CHECK(takes(place::mcp, http_method::post));
  CHECK(takes(place::mcp, http_method::get));
  CHECK(takes(place::mcp, http_method::erase));
  CHECK(!takes(place::mcp, http_method::head));
  CHECK(!takes(place::mcp, http_method::other));
  CHECK(takes(place::live, http_method::head));
  CHECK(!takes(place::live, http_method::post));
  CHECK(takes(place::api_stop, http_method::post));
  CHECK(!takes(place::api_stop, http_method::get));
  CHECK(takes(place::api_begin, http_method::post));
  CHECK(!takes(place::api_begin, http_method::get));
  CHECK(takes(place::api_stop, http_method::options));
}
