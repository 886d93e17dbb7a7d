#include "actors/call/guarded_calls.hpp"

namespace hub {

void guarded_calls::add(call_id call, cache_rule_ptr rule) {
  calls_[call].rule = std::move(rule);
}

uint64_t guarded_calls::ask(call_id call, guard_ptr guard, time_point deadline) {
  auto number = ++last_;
  questions_.emplace(number, due_.emplace(std::pair{deadline, number}, late_question{call, std::move(guard)}).first);
  calls_[call].open.push_back(number);
  return number;
}

std::optional<call_id> guarded_calls::answer(uint64_t question) {
  auto i = questions_.find(question);
  if (i == questions_.end())
    return std::nullopt;
  auto call = i->second->second.call;
  std::erase(calls_[call].open, question);
  erase(question);
  return call;
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
  for (auto x : i->second.open)
    erase(x);
  calls_.erase(i);
}

std::vector<guarded_calls::late_question> guarded_calls::take_late(time_point now) {
  std::vector<late_question> result;
  while (!due_.empty() && due_.begin()->first.first <= now) {
    result.push_back(due_.begin()->second);
    answer(due_.begin()->first.second);
  }
  return result;
}

std::optional<guarded_calls::time_point> guarded_calls::next() const {
  if (due_.empty())
    return std::nullopt;
  return due_.begin()->first.first;
}

void guarded_calls::erase(uint64_t question) {
  auto i = questions_.find(question);
  due_.erase(i->second);
  questions_.erase(i);
}

} // namespace hub
