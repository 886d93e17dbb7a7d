#include "actors/ledger/prices.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("prices");

namespace {

money cents(std::string_view text) {
  return *money::parse(text);
}

price per_call(std::string_view text) {
  price result;
  result.per_call = cents(text);
  return result;
}

std::string price_text(const server_prices_ptr& prices, const std::string& tool, std::string_view method = "tools/call") {
  auto x = price_of(prices, method, R"({"name":")" + tool + R"(","arguments":{}})");
  return x ? to_string(x->per_call) : "-";
}

} // namespace

TEST_CASE("the first rule that matches is the price of a tool") {
  auto prices = make_prices("exa", {{"search", false, per_call("2")}, {"free*", false, per_call("0")}, {"exa__d*", true, per_call("3")},
                                    {"tavily__*", true, per_call("4")}, {"*", false, per_call("0.5")}});
  CHECK(price_text(prices, "search") == "2");
  CHECK(price_text(prices, "deep") == "3");
  CHECK(price_text(prices, "other") == "0.5");
  CHECK(price_text(prices, "freely") == "-");
  CHECK(price_text(prices, "search", "resources/read") == "-");
}

TEST_CASE("a server whose tools cost nothing has no prices to look at") {
  CHECK(make_prices("s", {}) == nullptr);
  CHECK(make_prices("s", {{"*", false, price{}}}) == nullptr);
  CHECK(price_of(nullptr, "tools/call", R"({"name":"t"})") == nullptr);
}

TEST_CASE("a call costs what it takes of bytes and seconds") {
  price x = per_call("1");
  x.per_kb = cents("0.5");
  x.per_second = cents("2");
  auto body = std::string(1500, ' ');
  CHECK(cost_of(x, body, 2500ms, {}) == cents("6.75"));
  CHECK(cost_of(x, "", 0ms, {}) == cents("1"));
  CHECK(cost_of(x, "", -1ms, {}) == cents("1"));
  CHECK_FALSE(x.is_fixed());
}

TEST_CASE("a result may tell what the call cost") {
  price x;
  x.field = {"usage", "cost"};
  x.field_unit = money::dollar;
  CHECK(cost_of(x, R"({"usage":{"cost":0.0123}})", 0s, {}) == cents("1.23"));
  CHECK(cost_of(x, R"({"structuredContent":{"usage":{"cost":"0.5"}}})", 0s, {}) == cents("50"));
  CHECK(cost_of(x, R"({"content":[{"type":"text","text":"hi"},{"type":"text","text":"{\"usage\":{\"cost\":1e-4}}"}]})", 0s, {})
        == cents("0.01"));
  x.per_call = cents("3");
  CHECK(cost_of(x, R"({"usage":{"cost":0.01}})", 0s, {}) == cents("4"));
}

TEST_CASE("a result that does not tell what it should costs what was reserved") {
  price x;
  x.field = {"cost"};
  for (auto* body : {R"({"content":[]})", R"({"cost":-1})", R"({"cost":null})", R"({"cost":{}})", "{}", ""})
    CHECK_MESSAGE(cost_of(x, body, 0s, cents("7")) == cents("7"), body);
}

TEST_SUITE_END();
