#include "actors/call/exclusive_runs.hpp"

#include "messages/supervisor.hpp"

#include <algorithm>

namespace hub {

std::optional<uint64_t> exclusive_runs::take(const std::string& server) {
  auto& runs = servers_[server].runs;
  auto free = std::ranges::find_if(runs, [](const auto& x) { return x.second.has_value(); });
  if (free != runs.end()) {
    free->second.reset();
    return free->first;
  }
  if (runs.size() >= limits_.runs)
    return std::nullopt;
  auto run = exclusive_scope | ++last_;
  runs.emplace(run, std::nullopt);
  return run;
}

void exclusive_runs::give_back(const std::string& server, uint64_t run, time_point now) {
  if (auto i = servers_.find(server); i != servers_.end())
    if (auto j = i->second.runs.find(run); j != i->second.runs.end())
      j->second = now;
}

void exclusive_runs::discard(const std::string& server, uint64_t run) {
  if (auto i = servers_.find(server); i != servers_.end())
    i->second.runs.erase(run);
  forget_if_empty(server);
}

bool exclusive_runs::wait(const std::string& server, call_id call) {
  auto& line = servers_[server].line;
  if (line.size() >= limits_.waiting)
    return false;
  line.push_back(call);
  return true;
}

std::optional<call_id> exclusive_runs::first_waiting(const std::string& server) const {
  auto i = servers_.find(server);
  return i == servers_.end() || i->second.line.empty() ? std::nullopt : std::optional{i->second.line.front()};
}

void exclusive_runs::stop_waiting(const std::string& server, call_id call) {
  if (auto i = servers_.find(server); i != servers_.end())
    std::erase(i->second.line, call);
  forget_if_empty(server);
}

std::vector<std::string> exclusive_runs::awaited() const {
  std::vector<std::string> result;
  for (auto& [server, x] : servers_)
    if (!x.line.empty())
      result.push_back(server);
  return result;
}

std::vector<std::pair<std::string, uint64_t>> exclusive_runs::take_idle(time_point now) {
  std::vector<std::pair<std::string, uint64_t>> result;
  for (auto& [server, x] : servers_)
    std::erase_if(x.runs, [&](const auto& run) {
      auto idle = run.second && now - *run.second >= limits_.idle;
      if (idle)
        result.emplace_back(server, run.first);
      return idle;
    });
  for (auto& [server, run] : result)
    forget_if_empty(server);
  return result;
}

void exclusive_runs::forget_if_empty(const std::string& server) {
  if (auto i = servers_.find(server); i != servers_.end() && i->second.runs.empty() && i->second.line.empty())
    servers_.erase(i);
}

} // namespace hub
