#include "actors/call/call_table.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

template <class Map, class Predicate>
std::vector<call_id> select(const Map& calls, Predicate wanted) {
  std::vector<call_id> result;
  for (auto& [id, call] : calls)
    if (wanted(*call))
      result.push_back(id);
  return result;
}

} // namespace

call_id call_table::add(open_call&& call) {
  auto id = next_++;
  call.request.call = id;
  by_key_.emplace(call.key, id);
  calls_.emplace(id, std::make_unique<open_call>(std::move(call)));
  return id;
}

open_call* call_table::find(call_id call) {
  auto i = calls_.find(call);
  return i != calls_.end() ? i->second.get() : nullptr;
}

std::optional<call_id> call_table::find(const request_key& key) const {
  auto i = by_key_.find(key);
  return i != by_key_.end() ? std::optional{i->second} : std::nullopt;
}

std::unique_ptr<open_call> call_table::remove(call_id call) {
  auto i = calls_.find(call);
  if (i == calls_.end())
    return nullptr;
  auto result = std::move(i->second);
  calls_.erase(i);
  if (result->input && !result->input->token.empty())
    parked_.erase(result->input->token);
  else
    by_key_.erase(result->key);
  return result;
}

void call_table::park(call_id call, std::string token, time_point now) {
  auto& x = *calls_.at(call);
  by_key_.erase(x.key);
  // The scope of its exchange is over, too.
  x.key = {};
  parked_.emplace(token, call);
  x.input->token = std::move(token);
  x.input->parked_since = now;
}

void call_table::swap_clients(open_call& a, open_call& b) {
  std::swap(a.key, b.key);
  std::swap(a.asker, b.asker);
  std::swap(a.started, b.started);
  std::swap(a.deadline, b.deadline);
  std::swap(a.time_limit, b.time_limit);
  std::swap(a.tell_as_tool_result, b.tell_as_tool_result);
  std::swap(a.origin, b.origin);
  std::swap(a.rule, b.rule);
  std::swap(a.cascade, b.cascade);
  std::swap(a.request.params, b.request.params);
  std::swap(a.request.notify, b.request.notify);
  std::swap(a.request.client, b.request.client);
  std::swap(a.request.session, b.request.session);
  std::swap(a.request.logs, b.request.logs);
  std::swap(a.request.trace, b.request.trace);
  std::swap(a.times.received, b.times.received);
  std::swap(a.times.admitted, b.times.admitted);
  by_key_[a.key] = a.request.call;
  by_key_[b.key] = b.request.call;
}

std::optional<call_id> call_table::longest_parked(time_point before,
                                                  const std::function<bool(const open_call&)>& whose) const {
  const open_call* found = nullptr;
  for (auto& [token, id] : parked_) {
    auto& call = *calls_.at(id);
    if (call.input->parked_since <= before && (!found || call.input->parked_since < found->input->parked_since)
        && whose(call))
      found = &call;
  }
  return found ? std::optional{found->request.call} : std::nullopt;
}

size_t call_table::parked_at(std::string_view server) const {
  return static_cast<size_t>(
    std::ranges::count_if(parked_, [&](const auto& x) { return calls_.at(x.second)->server == server; }));
}

open_call* call_table::find_parked(std::string_view token) {
  auto i = parked_.find(std::string{token});
  return i != parked_.end() ? find(i->second) : nullptr;
}

void call_table::unpark(open_call& call, request_key key) {
  parked_.erase(std::exchange(call.input->token, {}));
  call.key = std::move(key);
  by_key_.emplace(call.key, call.request.call);
}

std::vector<call_id> call_table::of_scope(uint64_t scope) const {
  return select(calls_, [scope](const open_call& x) { return x.key.scope == scope; });
}

std::vector<call_id> call_table::late(time_point now) const {
  return select(calls_, [now](const open_call& x) {
    // While a person is asked, only the question has a limit.
    return x.deadline <= now && !(x.input && x.input->asking > 0);
  });
}

std::vector<call_id> call_table::all_parked() const {
  std::vector<call_id> result;
  for (auto& [token, id] : parked_)
    result.push_back(id);
  return result;
}

std::vector<call_id> call_table::all() const {
  return select(calls_, [](const open_call&) { return true; });
}

} // namespace hub
