#include "actors/cache/kept_results.hpp"

#include <utility>

namespace hub {

namespace {

/// What an entry takes beside its text, in bytes.
constexpr size_t entry_overhead = 400;

} // namespace

kept_results::server_part& kept_results::part_of(const std::string& server) {
  auto& result = servers_[server];
  if (result.figures.server.empty())
    result.figures.server = server;
  return result;
}

kept_results::entry* kept_results::find_fresh(const sha256_digest& key, time_point now) {
  auto i = by_key_.find(key);
  if (i == by_key_.end())
    return nullptr;
  if (i->second->until <= now) {
    erase(i->second);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, i->second);
  return &*i->second;
}

looked_up kept_results::find(const look_up& x, time_point now) {
  auto* found = find_fresh(x.key.own, now);
  if (!found)
    found = find_fresh(x.key.common, now);
  if (!found)
    return {};
  ++part_of(x.server).figures.hits;
  return {found->answer, std::chrono::duration_cast<std::chrono::milliseconds>(found->until - now)};
}

void kept_results::end_read(read_ended x, time_point now) {
  auto& figures = part_of(x.server).figures;
  ++figures.misses;
  figures.shared += x.shared;
  if (!x.keep)
    return;
  auto weight = x.keep->body.size() + x.server.size() + entry_overhead;
  if (limits_.entries == 0 || weight > limits_.bytes)
    return;
  auto& key = x.is_public ? x.key.common : x.key.own;
  if (auto i = by_key_.find(key); i != by_key_.end())
    erase(i->second);
  while (by_key_.size() >= limits_.entries || bytes_ + weight > limits_.bytes) {
    ++part_of(entries_.back().server).figures.evicted;
    erase(std::prev(entries_.end()));
  }
  entries_.push_front({key, x.server, std::move(*x.keep), now + x.ttl, weight});
  by_key_.emplace(key, entries_.begin());
  auto& part = part_of(x.server);
  part.keys.insert(key);
  part.figures.bytes += weight;
  bytes_ += weight;
}

void kept_results::erase(entry_list::iterator i) {
  auto& part = part_of(i->server);
  part.keys.erase(i->key);
  part.figures.bytes -= i->weight;
  bytes_ -= i->weight;
  by_key_.erase(i->key);
  entries_.erase(i);
}

results_dropped kept_results::drop(const std::string& server) {
  results_dropped result;
  for (auto& [name, part] : servers_) {
    if (!server.empty() && name != server)
      continue;
    result.entries += part.keys.size();
    result.bytes += part.figures.bytes;
    while (!part.keys.empty())
      erase(by_key_.at(*part.keys.begin()));
  }
  return result;
}

cache_figures_told kept_results::figures() const {
  cache_figures_told result;
  for (auto& [name, part] : servers_) {
    result.servers.push_back(part.figures);
    result.servers.back().entries = part.keys.size();
  }
  return result;
}

} // namespace hub
