#include "actors/auth/authorization_server.hpp"
#include "actors/auth/json_document.hpp"
#include "actors/auth/pkce.hpp"
#include "actors/auth/protected_resource.hpp"
#include "messages/base64.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_CASE("metadata of a server is looked for where its challenge says, below its path, and at its root") {
  auto url = *read_address("https://a.example/b/mcp/");
  auto places = resource_metadata_addresses(url, "https://a.example/told");
  REQUIRE(places.size() == 3);
  CHECK(places[0] == "https://a.example/told");
  CHECK(places[1] == "https://a.example/.well-known/oauth-protected-resource/b/mcp");
  CHECK(places[2] == "https://a.example/.well-known/oauth-protected-resource");
  CHECK(resource_metadata_addresses(*read_address("https://a.example"), "").size() == 1);
}

TEST_CASE("metadata holds for its resource and what lies below") {
  auto url = *read_address("https://a.example/b/mcp");
  CHECK(covers("https://a.example/b/mcp", url));
  CHECK(covers("https://a.example/b", url));
  CHECK(covers("https://a.example", url));
  CHECK(covers("https://A.example:443/b/", url));
  CHECK_FALSE(covers("https://a.example/b/mc", url));
  CHECK_FALSE(covers("https://a.example/b/mcp/x", url));
  CHECK_FALSE(covers("http://a.example/b/mcp", url));
  CHECK_FALSE(covers("https://evil.example/b/mcp", url));
  CHECK_FALSE(covers("", url));
  CHECK(canonical_resource(*read_address("https://A.example/b/?x=1")) == "https://a.example/b");
}

TEST_CASE("a resource without an authorization server is none") {
  CHECK_FALSE(read_protected_resource(R"({"resource":"https://a.example"})"));
  CHECK_FALSE(read_protected_resource("<html>"));
  auto x = read_protected_resource(R"({"authorization_servers":["https://b.example",7],"scopes_supported":["r"]})");
  REQUIRE(x);
  CHECK(x->authorization_servers == std::vector<std::string>{"https://b.example"});
  CHECK(x->scopes_supported == std::vector<std::string>{"r"});
}

TEST_CASE("the metadata of an issuer with a path has three places, of one without two") {
  auto places = server_metadata_addresses("https://a.example/tenant1");
  REQUIRE(places.size() == 3);
  CHECK(places[0] == "https://a.example/.well-known/oauth-authorization-server/tenant1");
  CHECK(places[1] == "https://a.example/.well-known/openid-configuration/tenant1");
  CHECK(places[2] == "https://a.example/tenant1/.well-known/openid-configuration");
  CHECK(server_metadata_addresses("https://a.example/").size() == 2);
  CHECK(server_metadata_addresses("nowhere").empty());
}

TEST_CASE("an issuer is compared as text, but for the slash of an empty path") {
  CHECK(same_issuer("https://a.example/x", "https://a.example/x"));
  CHECK(same_issuer("https://a.example/", "https://a.example"));
  CHECK_FALSE(same_issuer("https://a.example/x/", "https://a.example/x"));
  CHECK_FALSE(same_issuer("https://b.example", "https://a.example"));
  CHECK_FALSE(same_issuer("", ""));
}

TEST_CASE("an authorization server is taken at its word, and what it leaves out has the default") {
  auto x = read_authorization_server(R"({"issuer":"i","token_endpoint":"t","code_challenge_methods_supported":["plain","S256"],
    "authorization_response_iss_parameter_supported":true,"client_id_metadata_document_supported":true})");
  REQUIRE(x);
  CHECK(x->s256);
  CHECK(x->promises_iss);
  CHECK(x->client_documents);
  CHECK(x->token_auth_methods == std::vector<std::string>{"client_secret_basic"});
  CHECK_FALSE(read_authorization_server(R"({"issuer":"i"})"));
  CHECK_FALSE(read_authorization_server(R"({"token_endpoint":"t","code_challenge_methods_supported":["plain"]})")->s256);
}

TEST_CASE("the code challenge is the one of RFC 7636") {
  CHECK(s256_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
  CHECK(random_token().size() == 43);
  CHECK(random_token() != random_token());
}

TEST_CASE("base64 is the one of RFC 4648") {
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("fooba") == "Zm9vYmE=");
  CHECK(base64url("\xfb\xff") == "-_8");
  CHECK(base64("") == "");
}

TEST_CASE("numbers and words are read as servers write them") {
  CHECK(document_number(R"({"a":3600})", "a") == 3600);
  CHECK(document_number(R"({"a":"3600"})", "a") == 3600);
  CHECK(document_number(R"({"a":3599.9})", "a") == 3599);
  CHECK_FALSE(document_number(R"({"a":1e99})", "a"));
  CHECK(words_of("b  a b") == std::vector<std::string>{"b", "a"});
  CHECK(joined(united({"a"}, {"b", "a"})) == "a b");
  CHECK_FALSE(is_document("[1]"));
  CHECK_FALSE(is_document("{\"a\":1"));
}
