#include "actors/slm/recalls.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

/// The most that wait for one search.
constexpr size_t askers_max = 1000;

} // namespace

bool recalls::ask(const std::string& project, reply<recalled> asker, time now) {
  auto& x = projects_[project];
  if (x.known && now - x.at < fresh_for) {
    asker.deliver(recalled{x.text});
    return false;
  }
  auto begins = x.askers.empty();
  if (x.askers.size() < askers_max)
    x.askers.push_back(std::move(asker));
  else
    asker.deliver(recalled{});
  return begins;
}

void recalls::found(const std::string& project, std::string text, time now) {
  auto& x = projects_[project];
  x.text = std::move(text);
  x.at = now;
  x.known = true;
  for (auto& asker : std::exchange(x.askers, {}))
    asker.deliver(recalled{x.text});
  if (projects_.size() <= limit)
    return;
  auto oldest = projects_.end();
  for (auto i = projects_.begin(); i != projects_.end(); ++i)
    if (i->second.askers.empty() && (oldest == projects_.end() || i->second.at < oldest->second.at))
      oldest = i;
  if (oldest != projects_.end())
    projects_.erase(oldest);
}

} // namespace hub
