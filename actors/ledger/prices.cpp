#include "actors/ledger/prices.hpp"

#include "actors/policy/permission_memo.hpp"
#include "messages/glob.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace hub {

namespace {

/// The amount that a value is: a number, or a string of one.
std::optional<money> amount_of(std::string_view value, int64_t unit) {
  auto text = rpc::unquote(value);
  return money::parse(text ? *text : value, unit);
}

std::string_view find_path(std::string_view object, const std::vector<std::string>& path) {
  for (auto& key : path)
    object = rpc::member(object, key);
  return object;
}

/// What a result tells of its cost: by itself, in its structured content, or in a text that is JSON.
std::optional<money> told_cost(const price& x, std::string_view result) {
  for (auto object : {result, rpc::member(result, "structuredContent")})
    if (auto value = find_path(object, x.field); !value.empty())
      return amount_of(value, x.field_unit);
  std::optional<money> found;
  rpc::for_each_element(rpc::member(result, "content"), [&](std::string_view block) {
    auto text = rpc::unquote(rpc::member(block, "text"));
    if (text && text->starts_with('{'))
      found = amount_of(find_path(*text, x.field), x.field_unit);
    return !found;
  });
  return found;
}

} // namespace

const price_rule* server_prices::find(std::string_view tool) const {
  std::string full;
  for (auto& rule : rules_) {
    if (rule.full_name && full.empty())
      full = name_ + "__" + std::string{tool};
    if (matches_pattern(rule.full_name ? full : tool, rule.tool))
      return rule.price.is_free() ? nullptr : &rule;
  }
  return nullptr;
}

server_prices_ptr make_prices(const std::string& name, const std::vector<price_rule>& rules) {
  if (std::ranges::all_of(rules, [](auto& x) { return x.price.is_free(); }))
    return nullptr;
  return std::make_shared<const server_prices>(name, rules);
}

price_ptr price_of(const server_prices_ptr& prices, std::string_view method, std::string_view params) {
  if (!prices || method != "tools/call")
    return nullptr;
  std::string text;
  auto* rule = prices->find(called_tool(params, text).value_or(""));
  return rule ? price_ptr{prices, &rule->price} : nullptr;
}

money cost_of(const price& x, std::string_view result, std::chrono::microseconds taken, money reserved) {
  auto sum = x.per_call + x.per_kb.times(result.size(), 1000)
             + x.per_second.times(static_cast<uint64_t>(std::max<int64_t>(taken.count(), 0)), 1'000'000);
  if (x.field.empty())
    return sum;
  auto told = told_cost(x, result);
  return told ? sum + *told : std::max(sum, reserved);
}

} // namespace hub
