#include "actors/catalog/search_request.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_SUITE_BEGIN("search request");

namespace {

search_request read(std::string_view arguments) {
  auto result = read_search_request(arguments, 800);
  REQUIRE(std::holds_alternative<search_request>(result));
  return std::get<search_request>(result);
}

std::string refusal(std::string_view arguments) {
  auto result = read_search_request(arguments, 800);
  REQUIRE(std::holds_alternative<bad_search>(result));
  return std::get<bad_search>(result).message;
}

} // namespace

TEST_CASE("a query is all that a search needs") {
  auto request = read(R"({"query":"read \"x\""})");
  CHECK(request.query == "read \"x\"");
  CHECK(request.limit == 8);
  CHECK(request.server.empty());
  CHECK(request.detail == search_detail::fitting);
  CHECK(request.budget_tokens == 800);
}

TEST_CASE("all arguments are read") {
  auto request = read(R"({"server":"git*","limit":3,"budget":200,"detail":"signature","query":"","other":[1]})");
  CHECK(request.server == "git*");
  CHECK(request.limit == 3);
  CHECK(request.budget_tokens == 200);
  CHECK(request.detail == search_detail::signature);
}

TEST_CASE("numbers are brought into their range and null is absent") {
  CHECK(read(R"({"query":"","limit":0})").limit == 1);
  CHECK(read(R"({"query":"","limit":1000})").limit == 50);
  CHECK(read(R"({"query":"","budget":-5})").budget_tokens == 150);
  CHECK(read(R"({"query":"","limit":null,"detail":null})").limit == 8);
}

TEST_CASE("asking for schemas lifts the budget unless one is named") {
  CHECK(read(R"({"query":"","detail":"schema"})").budget_tokens == 0);
  CHECK(read(R"({"query":"","detail":"schema","budget":300})").budget_tokens == 300);
}

TEST_CASE("a refusal names the argument and shows a right one") {
  CHECK(refusal("{}") == R"(`query` must be given, for example {"query":"create an issue"})");
  CHECK(refusal("").find("`query`") == 0);
  CHECK(refusal("[]").find("`query`") == 0);
  CHECK(refusal(R"({"query":7})") == R"(`query` must be a string, for example {"query":"create an issue"})");
  CHECK(refusal(R"({"query":"","limit":"8"})").find("`limit` must be an integer") == 0);
  CHECK(refusal(R"({"query":"","detail":"all"})").find("`detail` must be") == 0);
}
