#include "actors/supervisor/use_model.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace hub {

namespace {

double sum_of(const std::map<std::string, double>& x) {
  double result = 0;
  for (auto& [server, weight] : x)
    result += weight;
  return result;
}

} // namespace

bool use_model::observe(const std::string& server, time_point now) {
  std::erase_if(recent_, [now](auto& x) { return now - x.at > horizon; });
  if (!recent_.empty() && recent_.back().server == server) {
    recent_.back().at = now;
    return false;
  }
  for (auto& before : recent_) {
    if (before.server == server || (counts_.size() >= most_servers && !counts_.contains(before.server)))
      continue;
    auto& after = counts_[before.server];
    if (sum_of(after) >= most_weight) {
      for (auto& [name, weight] : after)
        weight /= 2;
      std::erase_if(after, [](auto& x) { return x.second < 0.5; });
    }
    after[server] += 1;
  }
  std::erase_if(recent_, [&](auto& x) { return x.server == server; });
  recent_.push_back({server, now});
  return true;
}

std::vector<std::string> use_model::predict(const std::string& server) const {
  std::vector<std::string> result;
  auto known = counts_.find(server);
  if (known == counts_.end())
    return result;
  auto sum = sum_of(known->second);
  std::vector<std::pair<double, std::string>> likely;
  for (auto& [name, weight] : known->second)
    if (weight >= least_weight && weight >= least_share * sum)
      likely.emplace_back(-weight, name);
  std::ranges::sort(likely);
  for (auto& [weight, name] : likely)
    if (result.size() < most_predicted)
      result.push_back(name);
  return result;
}

void use_model::forget(const std::string& server) {
  counts_.erase(server);
  for (auto& [name, after] : counts_)
    after.erase(server);
  std::erase_if(recent_, [&](auto& x) { return x.server == server; });
}

std::string use_model::write() const {
  std::string result = "{";
  for (auto& [server, after] : counts_) {
    result += (result.size() > 1 ? "," : "") + rpc::quote(server) + ":{";
    auto first = true;
    for (auto& [name, weight] : after) {
      result += (std::exchange(first, false) ? "" : ",") + rpc::quote(name) + ":" + std::to_string(weight);
    }
    result += "}";
  }
  return result + "}";
}

use_model use_model::read(std::string_view text) {
  use_model result;
  if (rpc::check_json(text))
    return result;
  rpc::for_each_member(text, [&](const rpc::json_member& before) {
    auto server = rpc::unquote("\"" + std::string{before.key} + "\"").value_or("");
    rpc::for_each_member(before.value, [&](const rpc::json_member& after) {
      auto name = rpc::unquote("\"" + std::string{after.key} + "\"").value_or("");
      auto weight = std::strtod(std::string{after.value}.c_str(), nullptr);
      if (weight > 0 && weight <= most_weight && result.counts_.size() < most_servers)
        result.counts_[server][name] = weight;
      return true;
    });
    return true;
  });
  return result;
}

void prediction_tally::expect(const std::string& server, time_point now) {
  open_.try_emplace(server, now + use_model::horizon);
}

void prediction_tally::used(const std::string& server, time_point now) {
  expire(now);
  if (open_.erase(server) != 0)
    ++hits_;
}

void prediction_tally::expire(time_point now) {
  misses_ += std::erase_if(open_, [now](auto& x) { return x.second <= now; });
}

} // namespace hub
