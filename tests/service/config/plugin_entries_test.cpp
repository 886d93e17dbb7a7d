#include "service/config/plugin_entries.hpp"

#include "messages/rpc/json_scan.hpp"

#include "service/config/config_parser.hpp"
#include "service/config/display.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("plugin entries");

namespace {

std::vector<plugin_config> plugins_of(const std::string& value) {
  auto result = parse_config("{\"plugins\": " + value + "}", "c.json");
  REQUIRE_MESSAGE(result, to_string(result.errors()));
  return result->plugins;
}

std::string errors_of(const std::string& value) {
  auto result = parse_config("{\"plugins\": " + value + "}", "c.json");
  return result ? "" : to_string(result.errors());
}

/// Switches the plugin `a`, and checks that it is switched and nothing else has changed.
std::string switched(const std::string& text, bool on) {
  auto before = parse_config(text, "c.json");
  REQUIRE(before);
  auto result = switch_plugin(text, "c.json", "a", on);
  REQUIRE_MESSAGE(result, to_string(result.errors()));
  auto after = parse_config(*result, "c.json");
  REQUIRE_MESSAGE(after, to_string(after.errors()));
  auto found = false;
  for (auto& x : after->plugins)
    if (x.name == "a") {
      CHECK(x.enabled == on);
      found = true;
    }
  CHECK(found);
  CHECK(after->port == before->port);
  CHECK(after->warnings.size() == before->warnings.size());
  return *result;
}

} // namespace

TEST_CASE("an entry says whether a plugin runs, and what it gets") {
  auto all = plugins_of(R"({"a": {"enabled": true, "settings": {"deny": ["x"],
    "n": 1}, "env": {"T": "${T}"}, "time_limit_ms": 70}, "b": false, "c": {}})");
  REQUIRE(all.size() == 3);
  CHECK(all[0].enabled == true);
  CHECK(all[0].settings.find('\n') == std::string::npos);
  CHECK(all[0].settings.find("\"deny\"") != std::string::npos);
  CHECK(all[0].env == std::vector<std::pair<std::string, std::string>>{{"T", "${T}"}});
  CHECK(all[0].time_limit == 70ms);
  CHECK(all[1].enabled == false);
  CHECK_FALSE(all[2].enabled);
  CHECK_FALSE(all[2].time_limit);
}

TEST_CASE("an entry says whether calls are made that the plugin gives no word on") {
  auto all = plugins_of(R"({"a": {"on_failure": "deny"}, "b": {"on_failure": "allow"}, "c": {}})");
  REQUIRE(all.size() == 3);
  CHECK(all[0].denies_on_failure);
  CHECK_FALSE(all[1].denies_on_failure);
  CHECK_FALSE(all[2].denies_on_failure);
  CHECK(errors_of(R"({"a": {"on_failure": "ask"}})").find("plugins.a.on_failure is \"ask\"") != std::string::npos);
  CHECK_FALSE(errors_of(R"({"a": {"on_failure": true}})").empty());
}

TEST_CASE("a secret that stands in settings is noticed, and a placeholder in its place is not") {
  for (auto [text, found] : {std::pair{"abcdefgh1234", true}, {"${TOKEN}", false}, {"Bearer ${TOKEN}", false}}) {
    auto config = parse_config("{\"plugins\": {\"a\": {\"settings\": {\"token\": \"" + std::string{text} + "\"}}}}", "c.json");
    REQUIRE(config);
    CHECK(written_secret(*config) == (found ? std::optional<std::string>{"plugin \"a\": settings.token"} : std::nullopt));
  }
}

TEST_CASE("placeholders are resolved in the texts of settings, at any depth, and nowhere else") {
  variables known;
  known.environment = {{"TOKEN", "s3cret\"word"}};
  auto text = resolve_settings(R"({"token":"Bearer ${TOKEN}","${TOKEN}":1,"more":[{"a":"${NONE:-x}"},"$${TOKEN}",true]})", known);
  REQUIRE(std::holds_alternative<std::string>(text));
  auto& json = std::get<std::string>(text);
  CHECK(json.find('\n') == std::string::npos);
  CHECK(rpc::unquote(rpc::member(json, "token")) == "Bearer s3cret\"word");
  CHECK(rpc::member(json, "${TOKEN}") == "1");
  CHECK(rpc::member(json, "more").find("\"x\"") != std::string_view::npos);
  CHECK(rpc::member(json, "more").find("\"${TOKEN}\"") != std::string_view::npos);
  auto wrong = resolve_settings(R"({"more":[{"a":"${NONE}"}]})", known);
  REQUIRE(std::holds_alternative<unresolved_placeholder>(wrong));
  CHECK(std::get<unresolved_placeholder>(wrong).cause == "settings.more[0].a names ${NONE}, which is not set");
}

TEST_CASE("mistakes are named with their place") {
  CHECK(errors_of("[]").find("plugins is an array, not an object") != std::string::npos);
  CHECK(errors_of(R"({"a": 1})").find("plugins.a is a number") != std::string::npos);
  CHECK(errors_of(R"({"a": {"settings": 1}})").find("plugins.a.settings is a number, not an object") != std::string::npos);
  CHECK(errors_of(R"({"a": {"time_limit_ms": 0}})").find("plugins.a.time_limit_ms") != std::string::npos);
  CHECK(errors_of(R"({"a": {"seting": {}}})").find("\"seting\" is no part of it") != std::string::npos);
}

TEST_CASE("a plugin is switched where the file speaks of it, and comments stay") {
  for (auto on : {true, false}) {
    CHECK(switched("{\n  // all\n  \"port\": 1\n}\n", on).find("// all") != std::string::npos);
    switched("{}", on);
    switched(R"({"port": 1, "plugins": {}})", on);
    switched(R"({"plugins": {"b": true}, "port": 1})", on);
    switched(R"({"plugins": {"a": true}})", on);
    switched(R"({"plugins": {"a": {}}})", on);
    switched(R"({"plugins": {"a": {"enabled": false, "settings": {"x": 1}}}})", on);
    switched("{\n  \"plugins\": {\n    \"a\": {\n      // what\n      \"settings\": {\"x\": 1}\n    }\n  }\n}\n", on);
  }
}

TEST_CASE("what is shown of an entry has no secrets") {
  auto config = parse_config(R"({"plugins": {"a": {"settings": {"n": 1}, "env": {"T": "hunter2hunter2"}}}})", "c.json");
  REQUIRE(config);
  auto shown = render_config_for_display(*config);
  CHECK(shown.find("hunter2") == std::string::npos);
  CHECK(shown.find("\"n\": 1") != std::string::npos);
}
