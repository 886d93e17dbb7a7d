#include "actors/watch/watch_table.hpp"

namespace hub {

bool is_part_of(std::string_view uri, std::string_view whole) {
  if (!uri.starts_with(whole) || whole.empty())
    return false;
  auto rest = uri.substr(whole.size());
  return rest.empty() || whole.back() == '/' || rest.front() == '/' || rest.front() == '#' || rest.front() == '?';
}

watch_table::outcome watch_table::add(const resource_name& resource, const session_actor& watcher) {
  if (size_ >= capacity)
    return outcome::full;
  auto [i, first] = resources_.try_emplace(resource);
  size_ += i->second.emplace(watcher.address(), watcher).second ? 1 : 0;
  return first ? outcome::first : outcome::joined;
}

bool watch_table::remove(const resource_name& resource, const caf::actor_addr& watcher) {
  auto i = resources_.find(resource);
  if (i == resources_.end())
    return false;
  size_ -= i->second.erase(watcher);
  if (!i->second.empty())
    return false;
  resources_.erase(i);
  return true;
}

std::set<std::string> watch_table::remove_all(const caf::actor_addr& watcher) {
  std::set<std::string> changed;
  for (auto i = resources_.begin(); i != resources_.end();) {
    size_ -= i->second.erase(watcher);
    if (!i->second.empty()) {
      ++i;
      continue;
    }
    changed.insert(i->first.server);
    i = resources_.erase(i);
  }
  return changed;
}

std::vector<std::string> watch_table::of_server(const std::string& server) const {
  std::vector<std::string> result;
  for (auto i = resources_.lower_bound({server, ""}); i != resources_.end() && i->first.server == server; ++i)
    result.push_back(i->first.uri);
  return result;
}

std::vector<session_actor> watch_table::watchers_of(const std::string& server, std::string_view uri) const {
  std::map<caf::actor_addr, session_actor> found;
  for (auto i = resources_.lower_bound({server, ""}); i != resources_.end() && i->first.server == server; ++i)
    if (is_part_of(uri, i->first.uri))
      found.insert(i->second.begin(), i->second.end());
  std::vector<session_actor> result;
  for (auto& [address, watcher] : found)
    result.push_back(watcher);
  return result;
}

} // namespace hub
