#include "service/config/config_parser.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace hub;
using namespace std::chrono_literals;

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

/// The only server of a configuration that has this entry.
server_config server_of(const std::string& entry) {
  auto config = config_of("{\"mcpServers\": {\"s\": " + entry + "}}");
  REQUIRE(config.servers.size() == 1);
  return config.servers[0];
}

std::string entry_errors(const std::string& entry) {
  return errors_of("{\"mcpServers\": {\"s\": " + entry + "}}");
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

using pairs = std::vector<std::pair<std::string, std::string>>;

} // namespace

TEST_CASE("an empty configuration is the defaults") {
  auto config = config_of("{}");
  CHECK(config.host == "127.0.0.1");
  CHECK(config.port == 52414);
  CHECK(config.log_level == "info");
  CHECK(config.session_timeout == 3600s);
  CHECK(config.max_sessions == 1000);
  CHECK(config.idle_shutdown == 1800s);
  CHECK(config.request_timeout == 300s);
  CHECK(config.learn_unknown);
  CHECK(config.max_concurrent_starts == 4);
  CHECK(config.search_token_budget == 800);
  CHECK(config.shards == 1);
  CHECK(config.servers.empty());
  CHECK(config.warnings.empty());
}

TEST_CASE("each setting is read") {
  auto config = config_of(R"({
    "host": "::1", "port": 8080, "log_level": "WARNING", "session_timeout_seconds": 1,
    "max_sessions": 2, "max_connections": 3, "cache_ttl_seconds": 4, "cache_max_entries": 5,
    "idle_shutdown_seconds": 6, "cors_origins": ["http://localhost:3000"],
    "plugins_enabled": ["p"], "learn_unknown": false, "locks": true, "max_concurrent_starts": 7,
    "start_timeout_seconds": 8, "request_timeout_seconds": 9, "shutdown_grace_seconds": 10,
    "search_token_budget": 11, "shards": 12, "max_message_bytes": 5000, "max_body_bytes": 6000,
  })");
  CHECK(config.host == "::1");
  CHECK(config.port == 8080);
  CHECK(config.log_level == "warning");
  CHECK(config.session_timeout == 1s);
  CHECK(config.max_sessions == 2);
  CHECK(config.max_connections == 3);
  CHECK(config.cache.ttl == 4s);
  CHECK(config.cache_max_entries == 5);
  CHECK(config.idle_shutdown == 6s);
  CHECK(config.cors_origins == std::vector<std::string>{"http://localhost:3000"});
  CHECK(config.plugins_enabled == std::vector<std::string>{"p"});
  CHECK_FALSE(config.learn_unknown);
  CHECK(config.locks);
  CHECK(config.max_concurrent_starts == 7);
  CHECK(config.start_timeout == 8s);
  CHECK(config.request_timeout == 9s);
  CHECK(config.shutdown_grace == 10s);
  CHECK(config.search_token_budget == 11);
  CHECK(config.shards == 12);
  CHECK(config.max_message_bytes == 5000);
  CHECK(config.max_body_bytes == 6000);
}

TEST_CASE("what searches learn and go by is read") {
  auto config = config_of(R"({"learning": "off", "federated_tools": 12,
    "search": {"embeddings": {"url": "http://127.0.0.1:8080", "model": "m", "timeout_ms": 50}}})");
  CHECK_FALSE(config.learning);
  CHECK(config.federated_tools == 12);
  CHECK(config.embeddings.url == "http://127.0.0.1:8080");
  CHECK(config.embeddings.model == "m");
  CHECK(config.embeddings.timeout.count() == 50);
  CHECK(config_of(R"({"learning": true})").learning);
  CHECK(contains(errors_of(R"({"learning": "maybe"})"), "learning is \"maybe\""));
  CHECK(contains(errors_of(R"({"search": {"embeddings": {"url": "x", "model": "m"}}})"), "is no address"));
  CHECK(contains(errors_of(R"({"search": {"embeddings": {"url": "http://a"}}})"), "names no model"));
  CHECK(contains(errors_of(R"({"search": {"depth": 3}})"), "is no part of it"));
}

TEST_CASE("a server's own word on the cache wins over that of the hub") {
  auto config = config_of(R"({
    "cache": "ttl", "cache_ttl_seconds": 7, "cache_max_bytes": 9000,
    "mcpServers": {
      "a": {"command": "x"},
      "b": {"command": "x", "cache": "off"},
      "c": {"command": "x", "cache": 60},
      "d": {"command": "x", "no_cache": true},
      "e": {"command": "x", "cache": {"mode": "share", "ttl_seconds": 5, "drop_on_write": false, "scope": "public",
                                      "tools": {"get_*": "ttl", "now": "off", "slow": 30}}}
    }
  })");
  CHECK(config.cache_max_bytes == 9000);
  auto& servers = config.servers;
  REQUIRE(servers.size() == 5);
  CHECK(servers[0].cache.mode == cache_mode::ttl);
  CHECK(servers[0].cache.ttl == 7s);
  CHECK(servers[1].cache.mode == cache_mode::off);
  CHECK(servers[2].cache.mode == cache_mode::ttl);
  CHECK(servers[2].cache.ttl == 60s);
  CHECK(servers[3].cache.mode == cache_mode::off);
  server_cache wanted;
  wanted.mode = cache_mode::share;
  wanted.ttl = 5s;
  wanted.drop_on_write = false;
  wanted.is_public = true;
  wanted.tools = {{"get_*", cache_mode::ttl, 5s}, {"now", cache_mode::off, 5s}, {"slow", cache_mode::ttl, 30s}};
  CHECK(servers[4].cache == wanted);
}

TEST_CASE("a wrong word on the cache is an error") {
  for (auto* text : {R"({"cache": "on"})", R"({"cache": []})", R"({"cache": {"ttl": 5}})", R"({"cache": {"tools": {"a": []}}})",
                     R"({"cache": {"scope": "all"}})", R"({"cache": -1})"})
    CHECK_MESSAGE(!parse_config(text, "c.json"), text);
}

TEST_CASE("all errors are reported, in the order of the file, each with its place") {
  auto result = parse_config("{\n"
                             "  \"mcpServers\": {\n"
                             "    \"a\": {\"command\": \"npx\", \"args\": \"-y x\"},\n"
                             "    \"b\": \"npx\"\n"
                             "  },\n"
                             "  \"port\": \"80x\"\n"
                             "}",
                             "c.json");
  REQUIRE_FALSE(result);
  REQUIRE(result.errors().size() == 3);
  CHECK(to_string(result.errors()[0])
        == "c.json:3:37: server \"a\": args is a string, not an array of strings; "
           "write each argument by itself: [\"-y\", \"package\"]");
  CHECK(to_string(result.errors()[1])
        == "c.json:4:10: server \"b\" is a string, not an object; write it like {\"command\": \"npx\"}");
  CHECK(to_string(result.errors()[2])
        == "c.json:6:11: port is a string, not a whole number from 0 to 65535; write it without quotes");
}

TEST_CASE("settings of a wrong type or range are errors") {
  CHECK(contains(errors_of(R"({"port": 70000})"), "port is 70000, not a whole number from 0 to 65535"));
  CHECK(contains(errors_of(R"({"port": -1})"), "port is -1"));
  CHECK(contains(errors_of(R"({"port": 80.5})"), "port is 80.5"));
  CHECK(contains(errors_of(R"({"port": 1e99})"), "port is 1e99"));
  CHECK(contains(errors_of(R"({"max_sessions": 0})"), "max_sessions is 0"));
  CHECK(contains(errors_of(R"({"learn_unknown": "yes"})"), "learn_unknown is a string, not true or false"));
  CHECK(contains(errors_of(R"({"log_level": "loud"})"), "log_level \"loud\""));
  CHECK(contains(errors_of(R"({"host": "a b"})"), "host \"a b\" is none; use a name or an address"));
  CHECK(contains(errors_of(R"({"host": ""})"), "host \"\" is none"));
  CHECK(contains(errors_of(R"({"require_token": 1})"), "require_token is a number"));
  CHECK(contains(errors_of(R"({"cors_origins": "*"})"), "cors_origins is a string, not an array"));
  CHECK(contains(errors_of(R"({"cors_origins": ["localhost"]})"), "which is no origin"));
  CHECK(contains(errors_of(R"({"plugins_enabled": [1]})"), "plugins_enabled[0] is a number, not a string"));
  CHECK(contains(errors_of("[]"), "c.json:1:1: the file is an array, not an object"));
  CHECK(contains(errors_of(R"({"port": 1, "port": 2})"), "c.json:1:13: the file has \"port\" twice"));
}

TEST_CASE("what has no effect is warned about and kept out of the way") {
  auto config = config_of(R"({"prot": 1, "_note": "x", "$schema": "y", "permissions": {}, "config_dir": "/x"})");
  REQUIRE(config.warnings.size() == 2);
  CHECK(contains(to_string(config.warnings[0]), "c.json:1:2: \"prot\" is no setting"));
  CHECK(contains(to_string(config.warnings[1]), "SLM_HUB_CONFIG_DIR"));
  CHECK(config_of(R"({"cors_origins": ["*"]})").warnings.size() == 1);
}

TEST_CASE("a stdio server is read with all that it has") {
  auto s = server_of(R"({"command": "npx", "args": ["-y", "x"], "env": {"B": "1", "A": "${T}", "N": 8080},
    "cwd": "~/w", "envFile": "~/.env", "timeout": 1.5, "always_on": true, "no_cache": true,
    "cost_per_call_cents": 0.5, "autoApprove": ["t"]})");
  CHECK(s.name == "s");
  CHECK(s.transport == transport_kind::stdio);
  CHECK(s.command == "npx");
  CHECK(s.args == std::vector<std::string>{"-y", "x"});
  CHECK(s.env == pairs{{"B", "1"}, {"A", "${T}"}, {"N", "8080"}});
  CHECK(s.cwd == "~/w");
  CHECK(s.env_file == "~/.env");
  CHECK(s.timeout() == 1500ms);
  CHECK(s.always_on());
  CHECK(s.enabled);
  CHECK(s.origin == "c.json:1");
  CHECK(s.fingerprint.size() == 64);
}

TEST_CASE("each spelling of a transport is understood") {
  for (auto* key : {"type", "transport", "transportType", "protocol"})
    for (auto* value : {"http", "streamable-http", "streamableHttp", "streamable_http", "remote"}) {
      auto s = server_of("{\"url\": \"https://x/mcp\", \"" + std::string{key} + "\": \"" + value + "\"}");
      CHECK(s.transport == transport_kind::streamable_http);
    }
  for (auto* value : {"stdio", "local"})
    CHECK(server_of("{\"command\": \"x\", \"type\": \"" + std::string{value} + "\"}").transport
          == transport_kind::stdio);
  CHECK(server_of(R"({"url": "http://x/sse", "type": "sse"})").transport == transport_kind::sse);
  CHECK(server_of(R"({"url": "http://x"})").transport == transport_kind::streamable_http);
  for (auto* key : {"url", "serverUrl", "httpUrl", "uri"})
    CHECK(server_of("{\"" + std::string{key} + "\": \"http://x/y\"}").url == "http://x/y");
  CHECK(server_of(R"({"command": ["a", "b"], "args": ["c"]})").args == std::vector<std::string>{"b", "c"});
  CHECK(server_of(R"({"cmd": "a", "envs": {"X": "y"}})").env == pairs{{"X", "y"}});
  CHECK(server_of(R"({"url": "${BASE}/mcp", "headers": {"X-Key": "${K}"}})").headers == pairs{{"X-Key", "${K}"}});
}

TEST_CASE("an HTTP server is read with TLS, proxy and bound") {
  auto server = server_of(R"({"url": "https://x/mcp", "proxy": "http://p:3128", "max_in_flight": 8,
    "tls": {"ca": "~/ca.pem", "cert": "/c.pem", "key": "${KEYS}/k.pem"}})");
  CHECK(server.tls.ca == "~/ca.pem");
  CHECK(server.tls.cert == "/c.pem");
  CHECK(server.tls.key == "${KEYS}/k.pem");
  CHECK(server.tls.verify);
  CHECK(server.proxy == "http://p:3128");
  CHECK(server.max_in_flight == 8);
  auto blind = config_of(R"({"mcpServers": {"s": {"url": "https://x/mcp", "tls": {"verify": false}}}})");
  CHECK_FALSE(blind.servers[0].tls.verify);
  REQUIRE(blind.warnings.size() == 1);
  CHECK(contains(blind.warnings[0].cause, "anybody can pretend"));
  CHECK(server_of(R"({"url": "https://x/mcp"})").fingerprint != blind.servers[0].fingerprint);
  CHECK(contains(entry_errors(R"({"url": "https://x/", "tls": {"ca": "ca.pem"}})"), "tls.ca is a relative path"));
  CHECK(contains(entry_errors(R"({"url": "https://x/", "tls": {"key": "/k"}})"), "has a key and no cert"));
  CHECK(contains(entry_errors(R"({"url": "https://x/", "tls": true})"), "tls"));
  CHECK(contains(entry_errors(R"({"url": "https://x/", "max_in_flight": 0})"), "max_in_flight"));
}

TEST_CASE("a server can be switched off in two ways") {
  CHECK_FALSE(server_of(R"({"command": "x", "enabled": false})").enabled);
  CHECK_FALSE(server_of(R"({"command": "x", "disabled": true})").enabled);
  CHECK(server_of(R"({"command": "x", "disabled": false})").enabled);
  auto config = config_of(R"({"mcpServers": {"s": {"command": "x", "enabled": true, "disabled": true}}})");
  CHECK_FALSE(config.servers[0].enabled);
  CHECK(config.warnings.size() == 1);
}

TEST_CASE("the hub's own keys may stand in an object of their own") {
  CHECK(server_of(R"({"command": "x", "hub": {"alwaysOn": true, "tags": ["a"]}})").always_on());
  CHECK(contains(entry_errors(R"({"command": "x", "hub": {"alwaysOn": 1}})"), "hub.alwaysOn is a number"));
  CHECK(contains(entry_errors(R"({"command": "x", "hub": true})"), "hub is true or false, not an object"));
}

TEST_CASE("servers may be listed under any usual key, and mcpServers wins") {
  for (auto* key : {"mcpServers", "servers", "mcp_servers", "context_servers", "mcp", "extensions",
                    "mcp.servers", "amp.mcpServers"})
    CHECK(config_of("{\"" + std::string{key} + "\": {\"a\": {\"command\": \"x\"}}}").servers.size() == 1);
  CHECK(config_of(R"({"mcp": {"servers": {"a": {"command": "x"}}}})").servers[0].name == "a");
  auto config = config_of(R"({"servers": {"a": {"command": "x"}}, "mcpServers": {"b": {"command": "x"}}})");
  REQUIRE(config.servers.size() == 1);
  CHECK(config.servers[0].name == "b");
  REQUIRE(config.warnings.size() == 1);
  CHECK(contains(to_string(config.warnings[0]), "servers is not read"));
}

TEST_CASE("servers may be an array with names, and keep their order") {
  auto config = config_of(R"({"mcpServers": [{"name": "z", "command": "x"}, {"name": "a", "command": "x"}]})");
  REQUIRE(config.servers.size() == 2);
  CHECK(config.servers[0].name == "z");
  CHECK(config.servers[1].name == "a");
  CHECK(contains(errors_of(R"({"mcpServers": [{"command": "x"}]})"), "mcpServers[0] has no name"));
  CHECK(contains(errors_of(R"({"mcpServers": ["x"]})"), "mcpServers[0] is a string, not an object"));
  CHECK(contains(errors_of(R"({"mcpServers": "x"})"), "mcpServers is a string, not an object"));
}

TEST_CASE("a name stands once and on one line") {
  CHECK(contains(errors_of("{\"mcpServers\": {\"a\": {\"command\": \"x\"},\n\"a\": {\"command\": \"y\"}}}"),
                 "c.json:2:1: there is a server \"a\" on line 1 already"));
  CHECK(contains(errors_of(R"({"mcpServers": {"": {"command": "x"}}})"), "name is empty"));
  CHECK(contains(errors_of(R"({"mcpServers": {"a\u001b": {"command": "x"}}})"), "control characters"));
  auto with_name = [](size_t bytes) { return R"({"mcpServers": {")" + std::string(bytes, 'n') + R"(": {"command": "x"}}})"; };
  CHECK(config_of(with_name(128)).servers.size() == 1);
  CHECK(contains(errors_of(with_name(129)), "c.json:1:17: the name of a server has 129 bytes; give it one of at most 128"));
}

TEST_CASE("an entry that cannot work is an error that says so") {
  CHECK(contains(entry_errors("{}"), "has neither command nor url"));
  CHECK(contains(entry_errors(R"({"command": ""})"), "command is empty"));
  CHECK(contains(entry_errors(R"({"command": []})"), "command is empty"));
  CHECK(contains(entry_errors(R"({"command": 1})"), "command is a number, not a string"));
  CHECK(contains(entry_errors(R"({"command": "a\u0000b"})"), "zero byte"));
  CHECK(contains(entry_errors(R"({"command": "x", "args": [1]})"), "args[0] is a number"));
  CHECK(contains(entry_errors(R"({"command": "x", "env": ["A=b"]})"), "env is an array, not an object"));
  CHECK(contains(entry_errors(R"({"command": "x", "env": {"A": null}})"), "env.A is null, not a string"));
  CHECK(contains(entry_errors(R"({"command": "x", "env": {"A=B": "c"}})"), "name that no variable can have"));
  CHECK(contains(entry_errors(R"({"command": "x", "env": {"A": "b", "A": "c"}})"), "env has \"A\" twice"));
  CHECK(contains(entry_errors(R"({"command": "x", "cwd": "w"})"), "cwd is a relative path"));
  CHECK(contains(entry_errors(R"({"command": "x", "timeout": "5"})"), "timeout is \"5\""));
  CHECK(contains(entry_errors(R"({"command": "x", "timeout": 90000})"), "timeout (in seconds) is 90000"));
  CHECK(contains(entry_errors(R"({"command": "x", "enabled": 1})"), "enabled is a number, not true or false"));
  CHECK(contains(entry_errors(R"({"command": "x", "type": "ws"})"), "type is \"ws\", which the hub does not know"));
  CHECK(contains(entry_errors(R"({"command": "x", "type": "http"})"), "is of type http and has no url"));
  CHECK(contains(entry_errors(R"({"url": "http://x", "type": "stdio"})"), "is of type stdio and has no command"));
  CHECK(contains(entry_errors(R"({"url": "http://x", "command": "y"})"), "has both command and url"));
  CHECK(contains(entry_errors(R"({"url": "localhost:80/mcp"})"), "is no http:// or https:// address"));
  CHECK(contains(entry_errors(R"({"url": "http:///mcp"})"), "is no http:// or https:// address"));
  CHECK(contains(entry_errors(R"({"url": "http://x", "headers": {"A B": "c"}})"), "name that HTTP does not allow"));
  CHECK(contains(entry_errors(R"({"url": "http://x", "headers": {"A": "b\r\nC: d"}})"), "control character"));
  CHECK(contains(entry_errors(R"({"command": "x", "cost_per_call_cents": -1})"), "cost_per_call_cents is -1"));
}

TEST_CASE("the fingerprint follows what runs and nothing else") {
  auto print = [](const std::string& entry) { return server_of(entry).fingerprint; };
  auto base = print(R"({"command": "x", "args": ["a", "b"]})");
  CHECK(base == print(R"({"args": ["a", "b"], "command": "x", "timeout": 5, "disabled": true})"));
  CHECK(base != print(R"({"command": "x", "args": ["ab"]})"));
  CHECK(base != print(R"({"command": "x", "args": ["b", "a"]})"));
  CHECK(base != print(R"({"command": "x", "args": ["a", "b"], "env": {"A": "1"}})"));
  CHECK(base != print(R"({"command": "x", "args": ["a", "b"], "cwd": "/"})"));
  CHECK(base != print(R"({"command": "x", "args": ["a", "b"], "envFile": "/e"})"));
  CHECK(print(R"({"url": "http://x"})") != print(R"({"url": "http://x", "type": "sse"})"));
  CHECK(print(R"({"url": "http://x"})") != print(R"({"url": "http://x", "headers": {"A": "b"}})"));
}

TEST_CASE("the environment wins over the file") {
  auto config = apply_environment(config_of(R"({"port": 1})"),
                                  {{"SLM_HUB_PORT", "0"}, {"SLM_HUB_HOST", "localhost"}, {"SLM_HUB_LOG_LEVEL", "Debug"}});
  REQUIRE(config);
  CHECK(config->port == 0);
  CHECK(config->host == "localhost");
  CHECK(config->log_level == "debug");
  CHECK(apply_environment(config_of(R"({"port": 1})"), {{"SLM_HUB_PORT", ""}})->port == 1);
}

TEST_CASE("each bad variable is an error that names it") {
  auto result = apply_environment({}, {{"SLM_HUB_PORT", "80x"}, {"SLM_HUB_HOST", "a b"}, {"SLM_HUB_LOG_LEVEL", "loud"}});
  REQUIRE_FALSE(result);
  REQUIRE(result.errors().size() == 3);
  CHECK(to_string(result.errors()[0]) == "SLM_HUB_PORT: \"80x\" is no port; set it to a whole number from 0 to 65535");
  CHECK(result.errors()[1].where == "SLM_HUB_HOST");
  CHECK(result.errors()[2].where == "SLM_HUB_LOG_LEVEL");
  CHECK_FALSE(apply_environment({}, {{"SLM_HUB_PORT", "65536"}}));
  CHECK_FALSE(apply_environment({}, {{"SLM_HUB_PORT", "-1"}}));
}

TEST_CASE("an error that goes to a terminal has no control characters") {
  CHECK(to_string(config_error{"f", "a\x1b[31m\n", ""}) == "f: a?[31m?");
}

TEST_CASE("groups choose servers by name and by tag, in the order of the servers") {
  auto config = config_of(R"({"mcpServers": {"a": {"command": "x", "tags": ["dev"]}, "b": {"command": "x"},
    "c": {"command": "x", "tags": ["dev", "web"]}},
    "groups": {"one": ["b", "a"], "two": {"tags": ["dev"]}, "three": {"servers": ["b"], "tags": ["web"]}}})");
  REQUIRE(config.groups.size() == 3);
  using names = std::vector<std::string>;
  CHECK(config.groups[0].name == "one");
  CHECK(config.groups[0].servers == names{"a", "b"});
  CHECK(config.groups[1].servers == names{"a", "c"});
  CHECK(config.groups[2].servers == names{"b", "c"});
  CHECK(config.warnings.empty());
}

TEST_CASE("a group that cannot be meant so is refused with the reason") {
  auto with = [](const std::string& groups) {
    return errors_of(R"({"mcpServers": {"a": {"command": "x"}}, "groups": )" + groups + "}");
  };
  CHECK(contains(with(R"({"g": ["b"]})"), "\"b\", which is not configured"));
  CHECK(contains(with(R"({"sse": ["a"]})"), "cannot be called \"sse\""));
  CHECK(contains(with(R"({"": ["a"]})"), "empty"));
  CHECK(contains(with(R"({"g": 3})"), "array of servers"));
  CHECK(contains(with("[]"), "groups"));
  auto config = config_of(R"({"mcpServers": {"a": {"command": "x"}}, "groups": {"g": {"tags": ["t"]}}})");
  CHECK(config.warnings.size() == 2);
}
