#include "messages/policy.hpp"

#include "messages/glob.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace hub {

namespace {

bool is_pattern(std::string_view x) noexcept {
  return x.find_first_of("*?") != std::string_view::npos;
}

/// How narrow a pattern is: none, a pattern, a name; and how much of it is fixed.
std::pair<int, size_t> narrowness(std::string_view x) noexcept {
  if (x.empty())
    return {0, 0};
  auto fixed = static_cast<size_t>(std::ranges::count_if(x, [](char c) { return c != '*' && c != '?'; }));
  return {is_pattern(x) ? 1 : 2, fixed};
}

/// Everything that decides which of two rules is the stronger one, in order.
auto rank(const permission_rule& x) noexcept {
  auto scope = (x.project.empty() ? 0 : 4) + (x.client.empty() ? 0 : 2) + (x.role.empty() ? 0 : 1);
  // Of two folders that both hold a project, the deeper one has the longer name.
  return std::tuple{x.final, scope, x.project.size(), narrowness(x.client), narrowness(x.tool),
                    narrowness(x.server), x.act};
}

bool covers(const permission_rule& rule, const permission_subject& who) noexcept {
  if (!rule.client.empty() && !matches_pattern(who.client, rule.client))
    return false;
  if (!rule.role.empty() && who.role != rule.role)
    return false;
  if (rule.project.empty())
    return true;
  return who.project == rule.project
         || (who.project.size() > rule.project.size() && who.project.starts_with(rule.project)
             && (rule.project.back() == '/' || who.project[rule.project.size()] == '/'));
}

bool covers_server(const permission_rule& rule, std::string_view server) noexcept {
  return rule.server.empty() || matches_pattern(server, rule.server);
}

bool covers_tool(const permission_rule& rule, std::string_view server, std::string_view tool) noexcept {
  return covers_server(rule, server) && (rule.tool.empty() || matches_pattern(tool, rule.tool));
}

} // namespace

std::string_view to_string(permission x) noexcept {
  switch (x) {
    case permission::allow:
      return "allow";
    case permission::warn:
      return "warn";
    default:
      return "deny";
  }
}

bool is_stronger(const permission_rule& a, const permission_rule& b) noexcept {
  return rank(a) > rank(b);
}

std::string describe(const permission_rule& x) {
  auto result = x.name + " (" + (x.final ? "final " : "") + std::string{to_string(x.act)};
  for (auto [what, value] : {std::pair{"client", &x.client}, std::pair{"role", &x.role}, std::pair{"project", &x.project},
                             std::pair{"server", &x.server}, std::pair{"tool", &x.tool}})
    if (!value->empty())
      result += std::string{" "} + what + " \"" + *value + "\"";
  return result + ")";
}

client_policy::client_policy(std::shared_ptr<const permission_table> table, const permission_subject& who)
  : table_(std::move(table)), key_(std::to_string(table_->serial()) + ":") {
  auto& all = table_->rules();
  for (size_t i = 0; i < all.size(); ++i)
    if (covers(all[i], who)) {
      rules_.push_back(&all[i]);
      key_ += std::to_string(i) + ",";
    }
}

permission_decision client_policy::decide(std::string_view server, std::string_view tool) const noexcept {
  for (auto* rule : rules_)
    if (covers_tool(*rule, server, tool))
      return {rule->act, rule};
  return by_default();
}

permission_decision client_policy::by_default() const noexcept {
  auto act = table_->otherwise();
  return {act, act == permission::warn ? &table_->fallback() : nullptr};
}

permission_decision client_policy::decide(std::string_view server) const noexcept {
  for (auto* rule : rules_)
    if (rule->tool.empty() && covers_server(*rule, server))
      return {rule->act, rule};
  return by_default();
}

bool client_policy::shows(std::string_view server) const noexcept {
  auto whole = decide(server);
  if (whole.act != permission::deny)
    return true;
  if (whole.rule && whole.rule->final)
    return false;
  // A tool may still get through by a rule of its own that is stronger.
  return std::ranges::any_of(rules_, [&](const permission_rule* x) {
    return !x->tool.empty() && x->act != permission::deny && covers_server(*x, server)
           && (!whole.rule || is_stronger(*x, *whole.rule));
  });
}

bool client_policy::hides() const noexcept {
  return table_->otherwise() == permission::deny
         || std::ranges::any_of(rules_, [](auto* x) { return x->act == permission::deny; });
}

std::vector<const permission_rule*> client_policy::matches(std::string_view server, std::string_view tool) const {
  std::vector<const permission_rule*> result;
  for (auto* rule : rules_)
    if (tool.empty() ? rule->tool.empty() && covers_server(*rule, server) : covers_tool(*rule, server, tool))
      result.push_back(rule);
  return result;
}

permission_table::permission_table(std::vector<permission_rule> rules, permission otherwise)
  : rules_(std::move(rules)), otherwise_(otherwise) {
  static std::atomic<uint64_t> last{0};
  serial_ = ++last;
  fallback_.name = "permissions.default";
  fallback_.act = otherwise;
  // Among equals the order of the file stays.
  std::ranges::stable_sort(rules_, is_stronger);
}

client_policy_ptr permission_table::policy_of(const permission_subject& who) const {
  auto concerned = otherwise_ != permission::allow
                   || std::ranges::any_of(rules_, [&](auto& x) { return covers(x, who); });
  return concerned ? std::make_shared<const client_policy>(shared_from_this(), who) : nullptr;
}

denial explain_denial(const permission_decision& x, std::string_view what) {
  denial result;
  result.cause = "Permission denied: " + std::string{what} + " is not open to this client by ";
  result.cause += x.rule ? "rule " + describe(*x.rule) : "default, because no rule of \"permissions\" allows it";
  if (x.rule && !x.rule->reason.empty())
    result.cause += ": " + x.rule->reason;
  result.fix = "The owner of the hub can change \"permissions\" in its configuration; `slm-hub permissions check` "
               "explains what decides.";
  return result;
}

} // namespace hub
