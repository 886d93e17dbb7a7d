#include "service/config/display.hpp"

#include "service/config/client_setup.hpp"
#include "service/config/config_parser.hpp"
#include "service/config/json_reader.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_CASE("a shown value keeps its placeholders and nothing else") {
  CHECK(mask_value("${TOKEN}") == "${TOKEN}");
  CHECK(mask_value("s3cret") == "***");
  CHECK(mask_value("Bearer s3cret") == "Bearer ***");
  CHECK(mask_value("Bearer ${TOKEN}") == "Bearer ${TOKEN}");
  CHECK(mask_value("pre-${TOKEN:-s3cret}-post") == "***${TOKEN:-***}***");
  CHECK(mask_value("$${x}") == "***");
  CHECK(mask_value("") == "");
}

TEST_CASE("credentials in addresses are masked") {
  CHECK(mask_url("https://user:pw@host:1/mcp?key=abc&x=${Y}#f=g") == "https://***@host:1/mcp?key=***&x=${Y}***");
  CHECK(mask_url("https://host/s/Abcdefghij0123456789/mcp") == "https://host/s/***/mcp");
  CHECK(mask_url("https://mcp.example.org/mcp") == "https://mcp.example.org/mcp");
  CHECK(mask_url("https://host?abcdefghij0123456789") == "https://host?***");
  CHECK(mask_url("${BASE}/mcp") == "${BASE}/mcp");
}

TEST_CASE("credentials in arguments are masked") {
  using list = std::vector<std::string>;
  CHECK(mask_args({"--api-key", "s3cret", "--token=s3cret", "-y", "@scope/pkg@1.2.3"})
        == list{"--api-key", "***", "--token=***", "-y", "@scope/pkg@1.2.3"});
  CHECK(mask_args({"--header", "Authorization: Bearer s3cret", "postgres://u:p@h/db"})
        == list{"--header", "Authorization: Bearer ***", "postgres://***@h/db"});
  CHECK(mask_args({"--token", "${TOKEN}", "ghp_abcdefghijklmnop0123456789", "/home/u/my-files"})
        == list{"--token", "${TOKEN}", "***", "/home/u/my-files"});
  CHECK(mask_args({"--password", "--verbose"}) == list{"--password", "--verbose"});
}

TEST_CASE("the shown configuration is valid and holds no secret") {
  auto config = parse_config(R"({"port": 1, "mcpServers": {
    "a": {"command": "npx", "args": ["--key", "s3cret1"], "env": {"K": "s3cret2", "P": "${P:-s3cret3}"},
          "disabled": true, "timeout": 2, "always_on": true, "cwd": "/w", "envFile": "/e"},
    "b": {"type": "sse", "url": "https://u:s3cret4@h/x?k=s3cret5", "headers": {"X": "s3cret6", "Y": "Bearer ${T}"}}
  }})", "c.json");
  REQUIRE(config);
  auto text = render_config_for_display(*config);
  CHECK(text.find("s3cret") == std::string::npos);
  CHECK(text.find("\"P\": \"${P:-***}\"") != std::string::npos);
  CHECK(text.find("\"Y\": \"Bearer ${T}\"") != std::string::npos);
  auto again = parse_config(text, "shown");
  REQUIRE_MESSAGE(again, to_string(again.errors()));
  CHECK(again->port == 1);
  CHECK(again->warnings.empty());
  REQUIRE(again->servers.size() == 2);
  CHECK_FALSE(again->servers[0].enabled);
  CHECK(again->servers[0].always_on());
  CHECK(again->servers[0].timeout() == std::chrono::seconds{2});
  CHECK(again->servers[0].cwd == "/w");
  CHECK(again->servers[1].transport == transport_kind::sse);
}

TEST_CASE("each client is told how to connect to this very address") {
  auto text = client_setup_text("http://127.0.0.1:1234/mcp", false);
  CHECK(text.find("claude mcp add --scope user --transport http hub http://127.0.0.1:1234/mcp\n") != std::string::npos);
  CHECK(text.find("code --add-mcp '{\"name\":\"hub\",\"type\":\"http\",\"url\":\"http://127.0.0.1:1234/mcp\"}'\n") != std::string::npos);
  CHECK(text.find("{\"mcpServers\": {\"hub\": {\"url\": \"http://127.0.0.1:1234/mcp\"}}}\n") != std::string::npos);
  CHECK(text.find("[mcp_servers.hub]\n  url = \"http://127.0.0.1:1234/mcp\"\n") != std::string::npos);
  CHECK(text.find("TOKEN") == std::string::npos);
}

TEST_CASE("each client is told where its token goes") {
  auto text = client_setup_text("http://h/mcp", true);
  CHECK(text.find("slm-hub token create NAME") != std::string::npos);
  CHECK(text.find("http hub http://h/mcp --header 'Authorization: Bearer TOKEN'\n") != std::string::npos);
  CHECK(text.find("\"url\":\"http://h/mcp\",\"headers\":{\"Authorization\":\"Bearer TOKEN\"}}'\n") != std::string::npos);
  CHECK(text.find("\"url\": \"http://h/mcp\", \"headers\": {\"Authorization\": \"Bearer TOKEN\"}}}}\n") != std::string::npos);
  CHECK(text.find("bearer_token_env_var") != std::string::npos);
}
