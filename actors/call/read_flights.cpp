#include "actors/call/read_flights.hpp"

#include <utility>

namespace hub {

std::optional<call_id> read_flights::enter(const cache_key& key, const std::string& server, call_id call) {
  auto& state = servers_[server];
  auto [last, is_first] = by_key_.try_emplace(key.own, call);
  if (!is_first) {
    auto& ahead = flights_.at(last->second);
    if (ahead.generation == state.generation) {
      ahead.followers.push_back(call);
      return last->second;
    }
    last->second = call;
  }
  ++state.flights;
  flights_.emplace(call, flight{key.own, server, state.generation, state.writes == 0, {}});
  return std::nullopt;
}

read_flights::landing read_flights::land(call_id leader) {
  auto i = flights_.find(leader);
  if (i == flights_.end())
    return {};
  auto over = std::move(i->second);
  flights_.erase(i);
  if (auto last = by_key_.find(over.key); last != by_key_.end() && last->second == leader)
    by_key_.erase(last);
  auto state = servers_.find(over.server);
  auto may_keep = over.clean && state->second.generation == over.generation;
  --state->second.flights;
  tidy(state);
  return {std::move(over.followers), may_keep};
}

const std::vector<call_id>& read_flights::followers(call_id leader) const {
  static const std::vector<call_id> nobody;
  auto i = flights_.find(leader);
  return i != flights_.end() ? i->second.followers : nobody;
}

void read_flights::leave(call_id leader, call_id follower) {
  if (auto i = flights_.find(leader); i != flights_.end())
    std::erase(i->second.followers, follower);
}

bool read_flights::begin_write(const std::string& server) {
  auto& state = servers_[server];
  ++state.generation;
  ++state.writes;
  return std::exchange(state.kept, false);
}

void read_flights::end_write(const std::string& server) {
  auto i = servers_.find(server);
  ++i->second.generation;
  --i->second.writes;
  tidy(i);
}

void read_flights::forget(const std::string& server) {
  for (auto i = servers_.begin(); i != servers_.end();) {
    auto here = i++;
    if (!server.empty() && here->first != server)
      continue;
    ++here->second.generation;
    here->second.kept = false;
    tidy(here);
  }
}

bool read_flights::has_kept(const std::string& server) const {
  auto i = servers_.find(server);
  return i != servers_.end() && i->second.kept;
}

void read_flights::tidy(server_map::iterator i) {
  if (i->second.writes == 0 && i->second.flights == 0 && !i->second.kept)
    servers_.erase(i);
}

} // namespace hub
