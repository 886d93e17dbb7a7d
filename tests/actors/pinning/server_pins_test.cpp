#include "actors/pinning/server_pins.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using namespace hub;

TEST_SUITE_BEGIN("pins");

namespace {

catalogue_ptr told(std::initializer_list<std::pair<const char*, const char*>> tools) {
  auto result = std::make_shared<server_catalogue>();
  for (auto& [name, description] : tools)
    result->tools.push_back(json_text{R"({"name":")" + std::string{name} + R"(","description":")" + description + "\"}"});
  return result;
}

std::string shown_of(const pinned_catalogue& x) {
  std::string result;
  for (auto& tool : x.shown->tools)
    result += std::string{tool.view()};
  return result;
}

} // namespace

TEST_CASE("the first list of a server is pinned, whatever the policy") {
  for (auto policy : {change_policy::pass, change_policy::warn, change_policy::hold}) {
    server_pins pins;
    auto first = told({{"a", "x"}, {"b", "y"}});
    auto found = pins.compare(first, policy, 7);
    CHECK(found.shown == first);
    CHECK(found.changes.empty());
    CHECK(found.first_seen.size() == 2);
    CHECK(found.pins_changed);
    CHECK_FALSE(pins.compare(first, policy, 8).pins_changed);
  }
}

TEST_CASE("warn shows a changed tool at once and remembers what was pinned") {
  server_pins pins;
  pins.compare(told({{"a", "x"}}), change_policy::warn, 7);
  auto news = told({{"a", "z"}});
  for (int i = 0; i < 2; ++i) {
    auto found = pins.compare(news, change_policy::warn, 8);
    CHECK(found.shown == news);
    CHECK_FALSE(found.gate);
    REQUIRE(found.changes.size() == 1);
    CHECK_FALSE(found.changes[0].held);
    CHECK(found.changes[0].pinned_at == 7);
    CHECK(found.changes[0].pinned.view().find("\"x\"") != std::string::npos);
    CHECK(found.changes[0].pinned_digest != found.changes[0].digest);
  }
  CHECK(pins.compare(told({{"a", "x"}}), change_policy::warn, 9).changes.empty());
}

TEST_CASE("pass takes a change as what is pinned") {
  server_pins pins;
  pins.compare(told({{"a", "x"}}), change_policy::pass, 7);
  auto found = pins.compare(told({{"a", "z"}}), change_policy::pass, 8);
  CHECK(found.changes.empty());
  CHECK(found.pins_changed);
  CHECK(pins.compare(told({{"a", "x"}}), change_policy::warn, 9).changes.size() == 1);
}

TEST_CASE("hold shows the pinned definition, leaves new tools out and lets neither be called") {
  server_pins pins;
  pins.compare(told({{"a", "x"}, {"b", "y"}}), change_policy::hold, 7);
  auto news = told({{"a", "z"}, {"b", "y"}, {"c", "new"}});
  auto found = pins.compare(news, change_policy::hold, 8);
  CHECK(shown_of(found) == shown_of({told({{"a", "x"}, {"b", "y"}}), nullptr, {}, {}, false}));
  REQUIRE(found.gate);
  CHECK_FALSE(found.gate->lets_through("a"));
  CHECK(found.gate->lets_through("b"));
  CHECK_FALSE(found.gate->lets_through("c"));
  REQUIRE(found.changes.size() == 2);
  CHECK(found.changes[1].state == pin_state::added);

  CHECK(pins.approve(*news, "a", 9) == 1);
  found = pins.compare(news, change_policy::hold, 9);
  CHECK(found.gate->lets_through("a"));
  CHECK(found.changes.size() == 1);
  CHECK(pins.approve(*news, "", 9) == 1);
  found = pins.compare(news, change_policy::hold, 9);
  CHECK(found.shown == news);
  CHECK(pins.approve(*news, "", 9) == 0);
}

TEST_CASE("a tool that disappears and comes back as another one has changed") {
  server_pins pins;
  pins.compare(told({{"a", "x"}}), change_policy::hold, 7);
  pins.compare(told({}), change_policy::hold, 8);
  auto found = pins.compare(told({{"a", "z"}}), change_policy::hold, 9);
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].state == pin_state::changed);
}

TEST_CASE("pins survive the disk") {
  server_pins pins;
  pins.compare(told({{"a \\\"q\\\"", "x"}, {"b", "y"}}), change_policy::warn, 7);
  auto text = pins.write();
  auto again = server_pins::read(json_text{text});
  CHECK(again.write() == text);
  auto found = again.compare(told({{"a \\\"q\\\"", "z"}, {"b", "y"}}), change_policy::hold, 8);
  REQUIRE(found.changes.size() == 1);
  CHECK(found.changes[0].name == "a \"q\"");
  CHECK(found.changes[0].pinned_at == 7);
}

TEST_CASE("an empty list that was seen is remembered, and broken text is not") {
  server_pins pins;
  CHECK_FALSE(pins.known());
  pins.compare(told({}), change_policy::hold, 7);
  CHECK(server_pins::read(json_text{pins.write()}).known());
  CHECK_FALSE(server_pins::read(json_text{std::string{R"({"pins":[{"name":"a")"}}).known());
  CHECK_FALSE(server_pins::read(json_text{std::string{"null"}}).known());
}

TEST_SUITE_END();
