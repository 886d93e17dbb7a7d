#include "service/config/server_insertion.hpp"

#include "service/config/config_file.hpp"
#include "service/config/config_parser.hpp"

#include <doctest/doctest.h>

using namespace hub;

namespace {

const std::vector<new_server> one = {{"new", R"({"command":"x","args":["a"]})"}};

std::string added(const std::string& text, const std::vector<new_server>& servers = one) {
  auto result = add_servers(text, "c.json", servers);
  REQUIRE_MESSAGE(result, to_string(result.errors()));
  return *result;
}

std::string error_of(const std::string& text, const std::vector<new_server>& servers = one) {
  auto result = add_servers(text, "c.json", servers);
  return result ? "" : to_string(result.errors());
}

std::vector<std::string> names_in(const std::string& text) {
  auto config = parse_config(text, "c.json");
  REQUIRE_MESSAGE(config, to_string(config.errors()));
  std::vector<std::string> result;
  for (auto& server : config->servers)
    result.push_back(server.name);
  return result;
}

using names = std::vector<std::string>;

} // namespace

TEST_CASE("a server is put at the end and all else stays byte for byte") {
  CHECK(added("{\n"
              "    // mine\n"
              "    \"unknown\" : [1,2],\n"
              "    \"mcpServers\": {\n"
              "        \"old\": {\"command\": \"${X:-y}\"} // last\n"
              "    },\n"
              "    \"port\": 1 /* one */\n"
              "}\n")
        == "{\n"
           "    // mine\n"
           "    \"unknown\" : [1,2],\n"
           "    \"mcpServers\": {\n"
           "        \"old\": {\"command\": \"${X:-y}\"}, // last\n"
           "        \"new\": {\n"
           "          \"command\": \"x\",\n"
           "          \"args\": [\n"
           "            \"a\"\n"
           "          ]\n"
           "        }\n"
           "    },\n"
           "    \"port\": 1 /* one */\n"
           "}\n");
}

TEST_CASE("servers are added to texts of every shape") {
  std::vector<new_server> two = {{"b", R"({"command":"x"})"}, {"c \"q\"", R"({"url":"http://x"})"}};
  for (auto* text : {"", " \n", "{}", "{ }", "{\n}\n", "{\"port\": 1}", "{\"port\": 1,}", "{\n  \"port\": 1 // p\n}",
                     "// only\n{}", "{/* in */}", "{\"mcpServers\": {}}", "{\"mcpServers\": {\n}}",
                     "{\"mcpServers\": { /* none, yet */ }}", "{\"mcpServers\": {\n// none,\n}}",
                     "{\"mcpServers\": []}", "{\"servers\": {}}", "{\"mcp\": {\"servers\": {}}}"})
    CHECK_MESSAGE((names_in(added(text, two)) == names{"b", "c \"q\""}), text);
  for (auto* text : {"{\"mcpServers\": {\"a\": {\"command\": \"x\"}}}", "{\"mcpServers\": {\"a\": {\"command\": \"x\"},}}",
                     "{\"mcpServers\": {\"a\": {\"command\": \"x\"} /* , */ }}",
                     "{\"mcpServers\": {\"a\": {\"command\": \"x\"} // ,\n}}",
                     "{\"mcpServers\": {\"a\": {\"command\": \"x\"}, // ,\n // more\n}}",
                     "{\"mcpServers\": {\r\n  \"a\": {\"command\": \"x\"} // ,\r\n}}",
                     "{\"mcpServers\": [{\"name\": \"a\", \"command\": \"x\"}]}",
                     "\xEF\xBB\xBF{\"mcpServers\": {\"a\": {\"command\": \"x\"}}}"})
    CHECK_MESSAGE((names_in(added(text, two)) == names{"a", "b", "c \"q\""}), text);
}

TEST_CASE("line ends stay as the file has them") {
  auto text = added("{\r\n  \"mcpServers\": {\r\n  }\r\n}\r\n");
  CHECK(text.find("\r\n    \"new\": {\r\n") != std::string::npos);
  for (size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n')
      CHECK(text[i - 1] == '\r');
}

TEST_CASE("servers can be added to the first configuration, again and again") {
  auto text = default_config_text();
  for (int i = 0; i < 3; ++i)
    text = added(text, {{"s" + std::to_string(i), R"({"command":"x"})"}});
  CHECK(names_in(text) == names{"s0", "s1", "s2"});
  CHECK(text.find("// Where clients find the hub") != std::string::npos);
}

TEST_CASE("nothing to add changes nothing") {
  CHECK(added("{ }", {}) == "{ }");
}

TEST_CASE("what cannot be added is an error") {
  CHECK(error_of("{\"mcpServers\": {\"new\": {}}}") == "c.json: there is a server \"new\" already; rename or remove one of them");
  CHECK(error_of("{", one).find("c.json:1:2:") == 0);
  CHECK(error_of("[]").find("the file is not an object") != std::string::npos);
  CHECK(error_of("{\"mcpServers\": 1}").find("mcpServers is a number, not an object") != std::string::npos);
  CHECK(error_of("{}", {{"a", "{"}}).find("server \"a\":1:2:") == 0);
  CHECK(error_of("{}", {{"a", "1"}}).find("the entry is not an object") != std::string::npos);
  CHECK(error_of("{}", {{"a", "{}"}, {"a", "{}"}}).find("there is a server \"a\" already") != std::string::npos);
}
