#include "messages/policy.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace hub;

TEST_SUITE_BEGIN("permission rules");

namespace {

using enum permission;

/// Rules in the order of a file, which they are named after.
std::shared_ptr<const permission_table> table_of(std::vector<permission_rule> rules, permission otherwise = allow) {
  for (size_t i = 0; i < rules.size(); ++i)
    rules[i].name = "permissions[" + std::to_string(i) + "]";
  return std::make_shared<const permission_table>(std::move(rules), otherwise);
}

/// What is decided, and by the rule at which place; `default` for none.
std::string decide(const std::shared_ptr<const permission_table>& table, const permission_subject& who,
                   std::string_view server, std::string_view tool) {
  auto policy = table->policy_of(who);
  if (!policy)
    return "unjudged";
  auto x = policy->decide(server, tool);
  return std::string{to_string(x.act)} + " by " + (x.rule ? x.rule->name.substr(12, 1) : "default");
}

permission_rule rule(permission act, std::string server = "", std::string tool = "") {
  permission_rule result;
  result.server = std::move(server);
  result.tool = std::move(tool);
  result.act = act;
  return result;
}

permission_rule with_scope(permission_rule x, std::string client, std::string role = "", std::string project = "") {
  x.client = std::move(client);
  x.role = std::move(role);
  x.project = std::move(project);
  return x;
}

} // namespace

TEST_CASE("without a rule about a client nothing is judged, and a default that denies judges all") {
  CHECK(decide(table_of({}), {"c", "", ""}, "s", "t") == "unjudged");
  CHECK(decide(table_of({with_scope(rule(deny), "other")}), {"c", "", ""}, "s", "t") == "unjudged");
  CHECK(decide(table_of({}, deny), {"c", "", ""}, "s", "t") == "deny by default");
  CHECK(decide(table_of({rule(allow, "s", "get_*")}, deny), {}, "s", "get_x") == "allow by 0");
}

TEST_CASE("a narrower scope wins: a project before a client before a role before all") {
  auto table = table_of({rule(deny, "s", "t"), with_scope(rule(allow), "", "ci"), with_scope(rule(warn), "c*"),
                         with_scope(rule(deny), "", "", "/work/shop")});
  CHECK(decide(table, {"x", "", ""}, "s", "t") == "deny by 0");
  CHECK(decide(table, {"x", "ci", ""}, "s", "t") == "allow by 1");
  CHECK(decide(table, {"claude", "ci", ""}, "s", "t") == "warn by 2");
  CHECK(decide(table, {"claude", "ci", "/work/shop/src"}, "s", "t") == "deny by 3");
  CHECK(decide(table, {"claude", "ci", "/work/shopping"}, "s", "t") == "warn by 2");
}

TEST_CASE("more scopes together are narrower than one of them, and a deeper folder than one above") {
  auto table = table_of({with_scope(rule(deny), "c", ""), with_scope(rule(allow), "c", "ci"),
                         with_scope(rule(deny), "", "", "/a"), with_scope(rule(allow), "", "", "/a/b")});
  CHECK(decide(table, {"c", "", ""}, "s", "t") == "deny by 0");
  CHECK(decide(table, {"c", "ci", ""}, "s", "t") == "allow by 1");
  CHECK(decide(table, {"x", "", "/a/c"}, "s", "t") == "deny by 2");
  CHECK(decide(table, {"x", "", "/a/b/c"}, "s", "t") == "allow by 3");
}

TEST_CASE("within a scope a named tool wins over a pattern, a longer pattern over a shorter, and a tool over a server") {
  auto table = table_of({rule(deny, "github"), rule(warn, "", "*"), rule(deny, "", "get_*"), rule(warn, "", "get_secret*"),
                         rule(allow, "", "get_secret_name")});
  CHECK(decide(table, {}, "github", "list") == "warn by 1");
  CHECK(decide(table, {}, "github", "get_x") == "deny by 2");
  CHECK(decide(table, {}, "github", "get_secrets") == "warn by 3");
  CHECK(decide(table, {}, "github", "get_secret_name") == "allow by 4");
  auto servers = table_of({rule(allow, "git*", "t"), rule(deny, "github", "t"), rule(warn, "", "t")});
  CHECK(decide(servers, {}, "github", "t") == "deny by 1");
  CHECK(decide(servers, {}, "gitlab", "t") == "allow by 0");
  CHECK(decide(servers, {}, "x", "t") == "warn by 2");
}

TEST_CASE("among equals a deny counts before a warning before a permission, wherever they stand") {
  CHECK(decide(table_of({rule(allow, "s", "t"), rule(warn, "s", "t"), rule(deny, "s", "t")}), {}, "s", "t") == "deny by 2");
  CHECK(decide(table_of({rule(allow, "s"), rule(warn, "s")}), {}, "s", "t") == "warn by 1");
  CHECK(decide(table_of({rule(deny, "s"), rule(deny, "s")}), {}, "s", "t") == "deny by 0");
}

TEST_CASE("rules about tools do not touch what belongs to the server as a whole") {
  auto table = table_of({rule(deny, "s"), rule(allow, "s", "get_*"), rule(deny, "other", "*")});
  auto policy = table->policy_of({});
  CHECK(policy->decide("s").act == deny);
  CHECK(policy->decide("s", "get_x").act == allow);
  CHECK(policy->shows("s"));
  CHECK(policy->decide("other").act == allow);
  CHECK(policy->shows("other"));
}

TEST_CASE("a server is out of sight when nothing of it may be used") {
  auto shows = [](std::vector<permission_rule> rules, permission otherwise = allow) {
    return table_of(std::move(rules), otherwise)->policy_of({})->shows("s");
  };
  auto last = rule(deny, "s");
  last.final = true;
  CHECK_FALSE(shows({rule(deny, "s")}));
  CHECK_FALSE(shows({rule(deny, "s"), rule(allow, "x", "t"), rule(deny, "s", "t")}));
  CHECK_FALSE(shows({last, rule(allow, "s", "t")}));
  CHECK(shows({rule(deny, "s"), rule(warn, "s", "t")}));
  CHECK_FALSE(shows({rule(allow, "x")}, deny));
  CHECK(shows({rule(allow, "s", "t")}, deny));
  CHECK_FALSE(shows({with_scope(rule(deny, "s"), "*"), rule(allow, "s", "t")}));
}

TEST_CASE("a final deny cannot be overridden by anything, and what is decided is always the strongest that matches") {
  std::mt19937 dice{7};
  auto pick = [&](auto... choices) {
    std::vector<std::string> all{choices...};
    return all[dice() % all.size()];
  };
  for (int round = 0; round < 2000; ++round) {
    std::vector<permission_rule> rules;
    for (auto left = dice() % 8; left > 0; --left)
      rules.push_back(with_scope(rule(static_cast<permission>(dice() % 3), pick("", "s", "s*", "other"), pick("", "t", "t*", "?", "u")),
                                 pick("", "c", "c*"), pick("", "r"), pick("", "/a", "/a/b")));
    auto last = rule(deny, pick("", "s", "*"), pick("", "t", "?"));
    last.final = true;
    rules.insert(rules.begin() + static_cast<long>(dice() % (rules.size() + 1)), last);
    auto policy = table_of(rules)->policy_of({"c", "r", "/a/b"});
    REQUIRE(policy);
    CHECK(policy->decide("s", "t").act == deny);
    CHECK(policy->decide("s", "t").rule->final);
    auto matching = policy->matches("s", "u");
    for (auto* x : matching)
      CHECK_FALSE(is_stronger(*x, *matching.front()));
    CHECK(policy->decide("s", "u").rule == (matching.empty() ? nullptr : matching.front()));
    if (!policy->shows("s")) {
      CHECK(policy->decide("s", "t").act == deny);
      CHECK(policy->decide("s", "u").act == deny);
    }
  }
}

TEST_CASE("who is refused is told by which rule, why, and where to go") {
  auto x = rule(deny, "github", "delete_*");
  x.name = "permissions[2]";
  x.reason = "ask Ada";
  auto text = explain_denial({deny, &x}, "tool delete_repo of server github");
  CHECK(text.cause == "Permission denied: tool delete_repo of server github is not open to this client by rule "
                      "permissions[2] (deny server \"github\" tool \"delete_*\"): ask Ada");
  CHECK(text.fix.find("slm-hub permissions check") != std::string::npos);
  CHECK(explain_denial({deny, nullptr}, "it").cause.find("by default") != std::string::npos);
}
