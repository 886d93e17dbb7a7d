#include "actors/call/call_table.hpp"

#include <utility>

namespace hub {

namespace {

template <class Map, class Predicate>
std::vector<call_id> select(const Map& calls, Predicate wanted) {
  std::vector<call_id> result;
  for (auto& [id, call] : calls)
    if (wanted(call))
      result.push_back(id);
  return result;
}

} // namespace

call_id call_table::add(open_call call) {
  auto id = next_++;
  call.request.call = id;
  by_key_.emplace(call.key, id);
  calls_.emplace(id, std::move(call));
  return id;
}

open_call* call_table::find(call_id call) {
  auto i = calls_.find(call);
  return i != calls_.end() ? &i->second : nullptr;
}

std::optional<call_id> call_table::find(const request_key& key) const {
  auto i = by_key_.find(key);
  return i != by_key_.end() ? std::optional{i->second} : std::nullopt;
}

std::optional<open_call> call_table::remove(call_id call) {
  auto i = calls_.find(call);
  if (i == calls_.end())
    return std::nullopt;
  std::optional<open_call> result{std::move(i->second)};
  calls_.erase(i);
  by_key_.erase(result->key);
  return result;
}

std::vector<call_id> call_table::of_scope(uint64_t scope) const {
  return select(calls_, [scope](const open_call& x) { return x.key.scope == scope; });
}

std::vector<call_id> call_table::late(time_point now) const {
  return select(calls_, [now](const open_call& x) { return x.deadline <= now; });
}

std::vector<call_id> call_table::all() const {
  return select(calls_, [](const open_call&) { return true; });
}

} // namespace hub
