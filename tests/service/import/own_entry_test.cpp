#include "service/import/own_entry.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_CASE("an address of the hub is recognized in each form") {
  for (auto* url : {"http://127.0.0.1:52414/mcp", "http://localhost:52414/mcp", "http://[::1]:52414/mcp/",
                    "HTTP://127.1.2.3:52414/mcp?x=y", "http://u:p@localhost:52414/mcp/github",
                    "http://0.0.0.0:52414/mcp#f"})
    CHECK_MESSAGE(is_hub_url(url, 52414), url);
  CHECK(is_hub_url("http://localhost/mcp", 80));
  CHECK(is_hub_url("https://localhost/mcp", 443));
}

TEST_CASE("other addresses are not") {
  for (auto* url : {"http://127.0.0.1:52415/mcp", "http://127.0.0.1:52414/", "http://127.0.0.1:52414/mcpx",
                    "http://example.org:52414/mcp", "http://127.0.0.1.example.org:52414/mcp", "127.0.0.1:52414/mcp",
                    "http://localhost:52414x/mcp", "http://localhost:/mcp", "", "http://"})
    CHECK_MESSAGE(!is_hub_url(url, 52414), url);
}

TEST_CASE("a program that connects to the hub is recognized") {
  server_config server;
  server.command = "/usr/local/bin/slm-hub";
  server.args = {"connect"};
  CHECK(points_at_hub(server, 52414));
  server.args = {"mcp"};
  CHECK(points_at_hub(server, 52414));
  server.args = {"version"};
  CHECK_FALSE(points_at_hub(server, 52414));
  server.command = "npx";
  server.args = {"mcp-remote", "http://localhost:52414/mcp"};
  CHECK(points_at_hub(server, 52414));
  server.args = {"connect"};
  CHECK_FALSE(points_at_hub(server, 52414));
}
