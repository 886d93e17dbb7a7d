#include "service/config/config_parser.hpp"
#include "service/config/display.hpp"
#include "service/config/launch.hpp"
#include "tests/service/config/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace hub;

namespace {

config_result<hub_config> parsed(const std::string& oauth) {
  return parse_config(R"({"mcpServers":{"s":{"url":"https://a.example/mcp","oauth":)" + oauth + "}}}", "c.json");
}

oauth_config oauth_of(const std::string& oauth) {
  auto result = parsed(oauth);
  REQUIRE_MESSAGE(result, to_string(result.errors()));
  return result->servers[0].oauth;
}

std::string errors_of(const std::string& oauth) {
  auto result = parsed(oauth);
  return result ? "" : to_string(result.errors());
}

} // namespace

TEST_CASE("how a server gets its tokens is read in either spelling") {
  auto x = oauth_of(R"({"client_id":"i","client_secret":"${S}","scopes":["a","b"],"grant":"client_credentials",
    "issuer":"https://as.example"})");
  CHECK(x.client_id == "i");
  CHECK(x.client_secret == "${S}");
  CHECK(x.scopes.size() == 2);
  CHECK(x.without_user);
  CHECK(x.issuer == "https://as.example");
  x = oauth_of(R"({"clientId":"i","scope":" a  b ","clientMetadataUrl":"https://h.example/c.json"})");
  CHECK(x.client_id == "i");
  CHECK(x.scopes == std::vector<std::string>{"a", "b"});
  CHECK(x.client_metadata_url == "https://h.example/c.json");
  CHECK_FALSE(x.without_user);
}

TEST_CASE("what cannot give a token is an error that says so") {
  CHECK(errors_of("true").find("an object") != std::string::npos);
  CHECK(errors_of(R"({"grant":"password"})").find("use authorization_code or client_credentials") != std::string::npos);
  CHECK(errors_of(R"({"client_secret":"s"})").find("no client_id") != std::string::npos);
  CHECK(errors_of(R"({"client_id":"i","grant":"client_credentials"})").find("private_key") != std::string::npos);
  CHECK(errors_of(R"({"client_metadata_url":"http://h.example/"})").find("https") != std::string::npos);
}

TEST_CASE("secrets are resolved when they are used, and a key may lie in a file") {
  auto config = parsed(R"({"client_id":"i","client_secret":"${S}","private_key":"${KEY}"})");
  REQUIRE(config);
  variables known;
  known.environment = {{"S", "s3cret"}, {"KEY", "-----BEGIN PRIVATE KEY-----"}};
  auto x = resolve_oauth(config->servers[0], known);
  REQUIRE(x);
  CHECK(x->url == "https://a.example/mcp");
  CHECK(x->client_secret == "s3cret");
  CHECK(x->private_key.starts_with("-----BEGIN"));
  known.environment["KEY"] = "/no/such/file.pem";
  auto missing = resolve_oauth(config->servers[0], known);
  REQUIRE_FALSE(missing);
  CHECK(to_string(missing.errors()).find("oauth.private_key") != std::string::npos);
  known.environment.erase("S");
  CHECK(to_string(resolve_oauth(config->servers[0], known).errors()).find("${S}") != std::string::npos);
}

TEST_CASE("the shown configuration holds no client secret and no key") {
  auto config = parsed(R"({"client_id":"i","client_secret":"s3cret","private_key":"-----BEGIN PRIVATE KEY-----\nabc"})");
  REQUIRE(config);
  auto text = render_config_for_display(*config);
  CHECK(text.find("s3cret") == std::string::npos);
  CHECK(text.find("abc") == std::string::npos);
  CHECK(text.find("\"client_id\"") != std::string::npos);
}
