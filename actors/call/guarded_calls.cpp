#include "actors/call/guarded_calls.hpp"

#include <algorithm>

namespace hub {

void guarded_calls::add(call_id call, cache_rule_ptr rule) {
  calls_[call].rule = std::move(rule);
}

void guarded_calls::ask(call_id call, std::string plugin, time_point deadline) {
  if (auto i = calls_.find(call); i != calls_.end())
    i->second.open.push_back(due_.emplace(deadline, question{call, std::move(plugin)}));
}

bool guarded_calls::answer(call_id call, const std::string& plugin) {
  auto i = calls_.find(call);
  if (i == calls_.end())
    return false;
  auto& open = i->second.open;
  auto asked = std::ranges::find_if(open, [&](auto& x) { return x->second.plugin == plugin; });
  if (asked == open.end())
    return false;
  due_.erase(*asked);
  open.erase(asked);
  return true;
}

std::optional<cache_rule_ptr> guarded_calls::take_if_free(call_id call) {
  auto i = calls_.find(call);
  if (i == calls_.end() || !i->second.open.empty())
    return std::nullopt;
  auto result = std::move(i->second.rule);
  calls_.erase(i);
  return result;
}

void guarded_calls::drop(call_id call) {
  auto i = calls_.find(call);
  if (i == calls_.end())
    return;
  for (auto& x : i->second.open)
    due_.erase(x);
  calls_.erase(i);
}

std::vector<guarded_calls::question> guarded_calls::late(time_point now) const {
  std::vector<question> result;
  for (auto i = due_.begin(); i != due_.end() && i->first <= now; ++i)
    result.push_back(i->second);
  return result;
}

std::optional<guarded_calls::time_point> guarded_calls::next() const {
  if (due_.empty())
    return std::nullopt;
  return due_.begin()->first;
}

} // namespace hub
