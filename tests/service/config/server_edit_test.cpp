#include "service/config/server_edit.hpp"

#include "service/config/config_parser.hpp"

#include <doctest/doctest.h>

using namespace hub;

namespace {

std::string removed(const std::string& text, const std::string& name) {
  auto result = remove_server(text, "c.json", name);
  REQUIRE_MESSAGE(result, to_string(result.errors()));
  CHECK(parse_config(*result, "c.json"));
  return *result;
}

std::string switched(const std::string& text, bool on, const std::string& name = "a") {
  auto result = switch_server(text, "c.json", name, on);
  REQUIRE_MESSAGE(result, to_string(result.errors()));
  auto config = parse_config(*result, "c.json");
  REQUIRE_MESSAGE(config, to_string(config.errors()));
  CHECK(config->servers[0].enabled == on);
  return *result;
}

const std::string three = "{\n"
                          "  // all\n"
                          "  \"mcpServers\": {\n"
                          "    \"a\": {\"command\": \"x\"}, // first\n"
                          "    /* in between */\n"
                          "    \"b\": {\n"
                          "      \"command\": \"y\"\n"
                          "    },\n"
                          "    \"c\": {\"command\": \"z\"}\n"
                          "  },\n"
                          "  \"port\": 1\n"
                          "}\n";

} // namespace

TEST_CASE("a server is taken out and all else stays byte for byte") {
  CHECK(removed(three, "b")
        == "{\n"
           "  // all\n"
           "  \"mcpServers\": {\n"
           "    \"a\": {\"command\": \"x\"}, // first\n"
           "    /* in between */\n"
           "    \"c\": {\"command\": \"z\"}\n"
           "  },\n"
           "  \"port\": 1\n"
           "}\n");
}

TEST_CASE("the last server takes the comma before it along") {
  CHECK(removed(three, "c")
        == "{\n"
           "  // all\n"
           "  \"mcpServers\": {\n"
           "    \"a\": {\"command\": \"x\"}, // first\n"
           "    /* in between */\n"
           "    \"b\": {\n"
           "      \"command\": \"y\"\n"
           "    }\n"
           "  },\n"
           "  \"port\": 1\n"
           "}\n");
  CHECK(removed(R"({"mcpServers":{"a":{"command":"x"},"b":{"command":"y"}}})", "b")
        == R"({"mcpServers":{"a":{"command":"x"}}})");
  CHECK(removed(R"({"mcpServers":{"a":{"command":"x"},"b":{"command":"y"},}})", "b")
        == R"({"mcpServers":{"a":{"command":"x"},}})");
}

TEST_CASE("the only server, the first one and one of an array are taken out") {
  CHECK(removed(R"({"mcpServers":{"a":{"command":"x"}}})", "a") == R"({"mcpServers":{}})");
  CHECK(removed(R"({"mcpServers":{"a":{"command":"x"} /* , */ , "b":{"command":"y"}}})", "a")
        == R"({"mcpServers":{ /* , */  "b":{"command":"y"}}})");
  CHECK(removed(R"({"servers":[{"name":"a","command":"x"},{"name":"b","command":"y"}]})", "a")
        == R"({"servers":[{"name":"b","command":"y"}]})");
}

TEST_CASE("removing servers one by one in any order leaves a file that is read") {
  for (auto order : {"abc", "acb", "bac", "bca", "cab", "cba"}) {
    auto text = three;
    for (auto name : std::string{order})
      text = removed(text, std::string{name});
    CHECK(parse_config(text, "c.json")->servers.empty());
    CHECK(text.find("/* in between */") != std::string::npos);
  }
}

TEST_CASE("a server is switched in the words that are there") {
  auto entry = [](const std::string& more) { return R"({"mcpServers":{"a":{"command":"x")" + more + "}}}"; };
  CHECK(switched(entry(""), false) == entry(R"(, "disabled": true)"));
  CHECK(switched(entry(""), true) == entry(""));
  CHECK(switched(entry(R"(,"disabled":true)"), true) == entry(R"(,"disabled":false)"));
  CHECK(switched(entry(R"(,"enabled":true)"), false) == entry(R"(,"enabled":false)"));
  CHECK(switched(entry(R"(,"enabled":false,"disabled":true)"), true)
        == entry(R"(,"enabled":true,"disabled":false)"));
  CHECK(switched("{\"mcpServers\":{\"a\":{\n  \"command\":\"x\" // why\n}}}", false)
        == "{\"mcpServers\":{\"a\":{\n  \"command\":\"x\", // why\n  \"disabled\": true\n}}}");
}

TEST_CASE("a server that is not there is an error that names the file") {
  auto result = remove_server(three, "c.json", "nobody");
  REQUIRE_FALSE(result);
  CHECK(to_string(result.errors()).find("c.json: there is no server \"nobody\"") != std::string::npos);
  CHECK_FALSE(switch_server("{}", "c.json", "a", true));
  CHECK_FALSE(switch_server("{", "c.json", "a", true));
}
