#include "actors/cache/cache_key.hpp"
#include "actors/cache/cache_rules.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hub;
using namespace std::chrono_literals;
using kind = cache_rule::kind;

TEST_SUITE_BEGIN("cache_rules");

namespace {

std::string tool(const std::string& name, const std::string& hints = "") {
  return R"({"name":")" + name + R"(","inputSchema":{})" + (hints.empty() ? "" : R"(,"annotations":{)" + hints + '}') + '}';
}

/// A server with a tool of each kind.
catalogue_ptr shop(std::string capabilities = R"({"tools":{}})") {
  auto result = std::make_shared<server_catalogue>();
  result->capabilities = json_text{std::move(capabilities)};
  for (auto& text : {tool("price", R"("readOnlyHint":true,"idempotentHint":true)"), tool("look", R"("readOnlyHint":true)"),
                     tool("get_latest"), tool("buy", R"("readOnlyHint":false,"idempotentHint":true)")})
    result->tools.push_back(json_text{text});
  return result;
}

std::shared_ptr<const server_cache_rules> rules(server_cache settings, const catalogue_ptr& catalogue = shop()) {
  return make_cache_rules(settings, catalogue, "f");
}

kind kind_of(const std::shared_ptr<const server_cache_rules>& all, const std::string& name) {
  auto rule = cache_rule_of(all, "tools/call", R"({"name":")" + name + "\"}");
  return rule ? rule->what : kind::pass;
}

std::optional<cache_key> key(const std::string& params, const std::string& principal = "", cache_rule rule = {}) {
  return make_cache_key(rule, params, principal);
}

} // namespace

TEST_CASE("a tool is shared if it says both that it reads and that it may be repeated, whatever its name") {
  auto all = rules({});
  CHECK(kind_of(all, "price") == kind::read);
  CHECK(cache_rule_of(all, "tools/call", R"({"name":"price"})")->ttl == 0ms);
  CHECK(kind_of(all, "look") == kind::pass);
  CHECK(kind_of(all, "get_latest") == kind::write);
  CHECK(kind_of(all, "buy") == kind::write);
  CHECK(kind_of(all, "unknown") == kind::write);
}

TEST_CASE("with \"ttl\" results are kept, with \"off\" there are no rules") {
  server_cache settings;
  settings.mode = cache_mode::ttl;
  settings.ttl = 60s;
  CHECK(cache_rule_of(rules(settings), "tools/call", R"({"name":"price"})")->ttl == 60s);
  settings.mode = cache_mode::off;
  CHECK_FALSE(rules(settings));
}

TEST_CASE("a user vouches for tools by their names, but not for one that says it writes") {
  server_cache settings;
  settings.mode = cache_mode::off;
  settings.tools = {{"get_*", cache_mode::ttl, 5s}, {"buy", cache_mode::ttl, 5s}, {"pri*", cache_mode::off, 0s}};
  auto all = rules(settings);
  CHECK(kind_of(all, "get_latest") == kind::read);
  CHECK(kind_of(all, "buy") == kind::write);
  CHECK(kind_of(all, "price") == kind::pass);
  CHECK(kind_of(all, "look") == kind::pass);
}

TEST_CASE("where writes are to leave results alone, nothing counts as one") {
  server_cache settings;
  settings.drop_on_write = false;
  CHECK(kind_of(rules(settings), "buy") == kind::pass);
  CHECK(kind_of(rules(settings), "unknown") == kind::pass);
}

TEST_CASE("a server with nothing to share has no rules, and costs nothing") {
  auto plain = std::make_shared<server_catalogue>();
  plain->tools.push_back(json_text{tool("echo")});
  CHECK_FALSE(rules({}, plain));
  CHECK_FALSE(rules({}, nullptr));
}

TEST_CASE("resources may be read together") {
  auto all = rules({}, shop(R"({"resources":{}})"));
  auto rule = cache_rule_of(all, "resources/read", R"({"uri":"a:b"})");
  REQUIRE(rule);
  CHECK(rule->what == kind::read);
  CHECK_FALSE(cache_rule_of(all, "prompts/get", "{}"));
}

TEST_CASE("a call that names two tools may be a write") {
  auto rule = cache_rule_of(rules({}), "tools/call", R"({"name":"price","name":"buy"})");
  REQUIRE(rule);
  CHECK(rule->what == kind::write);
}

TEST_CASE("a tool that is defined anew, and one of another server, are other subjects") {
  auto subject = [](const catalogue_ptr& catalogue, std::string_view fingerprint) {
    return cache_rule_of(make_cache_rules({}, catalogue, fingerprint), "tools/call", R"({"name":"price"})")->subject;
  };
  auto again = std::make_shared<server_catalogue>(*shop());
  CHECK(subject(again, "f") == subject(shop(), "f"));
  CHECK(subject(shop(), "g") != subject(shop(), "f"));
  again->tools[0] = json_text{R"({"name":"price","description":"now in cents","annotations":{"readOnlyHint":true,"idempotentHint":true}})"};
  CHECK(subject(again, "f") != subject(shop(), "f"));
}

TEST_CASE("equal arguments have one key, and metadata does not count") {
  auto a = key(R"({"name":"t","arguments":{"a":1,"b":"x"},"_meta":{"progressToken":1}})");
  auto b = key(R"({"_meta":{"progressToken":"2"},"arguments":{"b":"\u0078","a":1.0},"name":"t"})");
  REQUIRE(a);
  CHECK(a == b);
  CHECK(key(R"({"name":"t"})") == key(R"({"name":"t","arguments":{}})"));
  CHECK(key(R"({"name":"t","arguments":{"a":2}})") != a);
}

TEST_CASE("each principal has a key of its own, and all have one in common") {
  auto params = R"({"name":"t","arguments":{}})";
  CHECK(key(params, "ann")->common == key(params, "bob")->common);
  CHECK(key(params, "ann")->own != key(params, "bob")->own);
  CHECK(key(params, "ann")->own != key(params)->own);
  CHECK(key(params)->own != key(params)->common);
  cache_rule other;
  other.subject = sha256_of("x");
  CHECK(key(params, "", other)->common != key(params)->common);
}

TEST_CASE("a task, a retry with answers, and what cannot be told apart have no key") {
  for (auto* params : {R"({"name":"t","task":{}})", R"({"name":"t","inputResponses":{}})", R"({"name":"t","requestState":"x"})",
                       R"({"name":"t","arguments":{},"arguments":{"a":1}})", R"({"name":"t","arguments":{"id":9007199254740993}})",
                       "[]", ""})
    CHECK_MESSAGE(!key(params), params);
}
