#include "actors/auth/bearer_challenge.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_CASE("a challenge tells where the metadata is, which scopes and what is wrong") {
  auto x = read_challenge(R"(Bearer error="insufficient_scope", scope="files:read files:write",
    resource_metadata="https://mcp.example.org/.well-known/oauth-protected-resource", error_description="a, \"b\"")");
  REQUIRE(x);
  CHECK(x->error == "insufficient_scope");
  CHECK(x->scope == "files:read files:write");
  CHECK(x->resource_metadata == "https://mcp.example.org/.well-known/oauth-protected-resource");
}

TEST_CASE("the Bearer challenge is found among others, whatever their spelling") {
  auto x = read_challenge(R"(Basic realm="scope=\"x\", Bearer", bEARER SCOPE = one, Digest scope="two")");
  REQUIRE(x);
  CHECK(x->scope == "one");
  REQUIRE(read_challenge("Negotiate YII=, Bearer"));
  CHECK(read_challenge("Negotiate YII=, Bearer")->scope.empty());
}

TEST_CASE("a header without Bearer, or of rubbish, is no challenge") {
  CHECK_FALSE(read_challenge(""));
  CHECK_FALSE(read_challenge("Basic realm=\"a\""));
  CHECK_FALSE(read_challenge("=,=\"\\"));
  CHECK(read_challenge("Bearer scope=\"unclosed")->scope == "unclosed");
}
