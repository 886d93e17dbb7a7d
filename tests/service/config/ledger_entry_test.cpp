#include "service/config/ledger_entry.hpp"

#include "messages/glob.hpp"
#include "service/config/config_parser.hpp"
#include "service/config/display.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hub;

TEST_SUITE_BEGIN("ledger entry");

namespace {

hub_config config_of(const std::string& text) {
  auto result = parse_config(text, "c.json");
  REQUIRE_MESSAGE(result, to_string(result.errors()));
  return *result;
}

std::string errors_of(const std::string& text) {
  auto result = parse_config(text, "c.json");
  return result ? "" : to_string(result.errors());
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("prices of a server count before those of the hub, and these before the known ones") {
  auto config = config_of(R"({
    "prices": {"exa__crawl*": 0.25, "other__*": 9, "*__web*": {"per_kb": 0.1, "field": "usage.cost", "unit": "dollars", "at_most": 5}},
    "mcpServers": {"exa": {"command": "npx", "args": ["exa-mcp-server"], "prices": {"web_search_exa": 1}, "cost_per_call_cents": 0.5},
                   "plain": {"command": "x"}}})");
  auto& rules = config.servers[0].prices;
  REQUIRE(rules.size() > 4);
  CHECK(rules[0].tool == "web_search_exa");
  CHECK(rules[0].price.per_call == money::of_cents(1));
  CHECK(rules[1].tool == "*");
  CHECK(rules[1].price.per_call == *money::parse("0.5"));
  CHECK(rules[2].tool == "exa__crawl*");
  CHECK(rules[2].full_name);
  CHECK(rules[3].price.field == std::vector<std::string>{"usage", "cost"});
  CHECK(rules[3].price.field_unit == money::dollar);
  CHECK(rules[3].price.at_most == money::of_cents(5));
  CHECK(rules[4].origin.starts_with("known price of "));
  // Of the hub's, only what can be about the server.
  REQUIRE(config.servers[1].prices.size() == 1);
  CHECK(config.servers[1].prices[0].tool == "*__web*");
}

TEST_CASE("known prices are for servers that are known by name, program or address, and can be switched off") {
  auto prices_of = [](const std::string& entry, const std::string& more = "") {
    return config_of("{" + more + "\"mcpServers\": {\"s\": " + entry + "}}").servers[0].prices.size();
  };
  CHECK(prices_of(R"({"command": "npx", "args": ["-y", "tavily-mcp"]})") > 0);
  CHECK(prices_of(R"({"url": "https://mcp.Tavily.com/mcp"})") > 0);
  CHECK(prices_of(R"({"command": "npx", "args": ["-y", "git-mcp"]})") == 0);
  CHECK(prices_of(R"({"url": "https://mcp.tavily.com/mcp"})", "\"known_prices\": false,") == 0);
}

TEST_CASE("of known prices, the first that fits a tool is the one for it") {
  auto price_of = [](const std::string& server, std::string_view tool) {
    auto config = config_of(R"({"mcpServers": {")" + server + R"(": {"command": "x"}}})");
    for (auto& rule : config.servers[0].prices)
      if (matches_pattern(tool, rule.tool))
        return to_string(rule.price.per_call);
    return std::string{"none"};
  };
  CHECK(price_of("linkup", "linkup-search") == "0.6");
  CHECK(price_of("linkup", "linkup-research") == "25");
  // Names with "search" in them that ask for nothing new.
  CHECK(price_of("linkup", "linkup-get-research") == "0");
  CHECK(price_of("exa", "deep_researcher_check") == "0");
  CHECK(price_of("exa", "deep_researcher_start") == "10");
  CHECK(price_of("exa", "deep_search_exa") == "1.2");
  CHECK(price_of("exa", "web_search_exa") == "0.7");
  CHECK(price_of("kagi", "kagi_search_fetch") == "1.2");
}

TEST_CASE("budgets are read as they are written") {
  auto config = config_of(R"({"budgets": [
    {"scope": "global", "per": "day", "cents": 50}, {"scope": "session", "per": "ever", "cents": 0.1},
    {"scope": "client:claude*", "per": "hour", "cents": 1}, {"scope": "project:/home/ann/", "per": "month", "cents": 2},
    {"scope": "tool:exa__*", "per": "call", "cents": 3}]})");
  REQUIRE(config.budgets.size() == 5);
  CHECK(config.budgets[0] == budget{budget::kind::global, "", budget::period::day, money::of_cents(50)});
  CHECK(config.budgets[1] == budget{budget::kind::session, "", budget::period::ever, money::of_units(100'000)});
  CHECK(config.budgets[2] == budget{budget::kind::client, "claude*", budget::period::hour, money::of_cents(1)});
  CHECK(config.budgets[3] == budget{budget::kind::project, "/home/ann", budget::period::month, money::of_cents(2)});
  CHECK(config.budgets[4] == budget{budget::kind::tool, "exa__*", budget::period::call, money::of_cents(3)});
  auto again = config_of(render_config_for_display(config));
  CHECK(again.budgets == config.budgets);
}

TEST_CASE("prices are shown as they are read") {
  auto config = config_of(R"({"known_prices": false, "prices": {"a__*": {"per_call": 1.25, "per_second": 0.000001, "field": "a.b"}},
    "mcpServers": {"a": {"command": "x", "prices": {"t": 0.1}}}})");
  auto again = config_of(render_config_for_display(config));
  CHECK(again.prices == config.prices);
  CHECK_FALSE(again.known_prices);
  REQUIRE(again.servers[0].prices.size() == 2);
  CHECK(again.servers[0].prices[0].price == config.servers[0].prices[0].price);
}

TEST_CASE("what is wrong with prices and budgets is said with its place") {
  CHECK(contains(errors_of(R"({"prices": 1})"), "prices is a number"));
  CHECK(contains(errors_of(R"({"prices": {"a": -1}})"), "prices.a is -1"));
  CHECK(contains(errors_of(R"({"prices": {"a": {"per_cal": 1}}})"), "\"per_cal\""));
  CHECK(contains(errors_of(R"({"prices": {"a": {"unit": "euros"}}})"), "\"euros\""));
  CHECK(contains(errors_of(R"({"prices": {"a": {"field": ""}}})"), "is empty"));
  CHECK(contains(errors_of(R"({"budgets": {}})"), "budgets is an object"));
  CHECK(contains(errors_of(R"({"budgets": [{"per": "day", "cents": 1}]})"), "budgets[0] has no \"scope\""));
  CHECK(contains(errors_of(R"({"budgets": [{"scope": "global", "per": "week", "cents": 1}]})"), "\"week\""));
  CHECK(contains(errors_of(R"({"budgets": [{"scope": "client", "per": "day", "cents": 1}]})"), "\"client\""));
  CHECK(contains(errors_of(R"({"budgets": [{"scope": "global:x", "per": "day", "cents": 1}]})"), "\"global:x\""));
  CHECK(contains(errors_of(R"({"budgets": [{"scope": "project:home", "per": "day", "cents": 1}]})"), "no absolute path"));
  CHECK(contains(errors_of(R"({"budgets": [{"scope": "global", "per": "day", "cents": "1"}]})"), "budgets[0].cents"));
  CHECK(contains(errors_of(R"({"budgets": [{"scope": "global", "per": "day", "cents": 1}, {"scope": "global", "per": "day", "cents": 2}]})"),
                 "budgets[1] has the scope and period of another one"));
}

TEST_CASE("cascades are read as they are written") {
  std::string servers = R"("mcpServers": {"a": {"command": "x"}, "a__b": {"command": "x"}})";
  auto config = config_of(R"({"cascades": {"find": ["a__search", {"tool": "a__b__look", "arguments": {"query": "q", "depth": null},
    "fixed": {"n": [1, "x"]}}]}, )" + servers + "}");
  REQUIRE(config.cascades.size() == 1);
  auto& tools = config.cascades[0].tools;
  REQUIRE(tools.size() == 2);
  CHECK(tools[0] == cascade_tool{"a", "search"});
  CHECK(tools[1].server == "a__b");
  CHECK(tools[1].tool == "look");
  CHECK(tools[1].arguments[0].second == "q");
  CHECK_FALSE(tools[1].arguments[1].second);
  CHECK(config_of(render_config_for_display(config)).cascades == config.cascades);
  auto errors = [&](const std::string& cascades) { return errors_of("{\"cascades\": " + cascades + ", " + servers + "}"); };
  CHECK(contains(errors("[]"), "cascades is an array"));
  CHECK(contains(errors(R"({"f": ["a__x"]})"), "no array of 2 to 16 tools"));
  CHECK(contains(errors(R"({"f": ["a__x", "c__y"]})"), "the name of no server"));
  CHECK(contains(errors(R"({"f": ["a__x", "a__x"]})"), "in a cascade already"));
  CHECK(contains(errors(R"({"f": ["a__x", {"tool": "a__y", "argument": {}}]})"), "\"argument\""));
}

TEST_SUITE_END();
