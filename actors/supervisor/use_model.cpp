#include "actors/supervisor/use_model.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace hub {

namespace {

using followers = std::map<std::string, double>;

double sum_of(const followers& x) {
  double result = 0;
  for (auto& [server, weight] : x)
    result += weight;
  return result;
}

std::vector<std::string> likely_in(const followers& after) {
  auto sum = sum_of(after);
  std::vector<std::pair<double, std::string>> likely;
  for (auto& [name, weight] : after)
    if (weight >= use_model::least_weight && weight >= use_model::least_share * sum)
      likely.emplace_back(-weight, name);
  std::ranges::sort(likely);
  std::vector<std::string> result;
  for (auto& [weight, name] : likely)
    if (result.size() < use_model::most_predicted)
      result.push_back(name);
  return result;
}

std::string write_followers(const followers& after) {
  std::string result = "{";
  for (auto& [name, weight] : after)
    result += (result.size() > 1 ? "," : "") + rpc::quote(name) + ":" + std::to_string(weight);
  return result + "}";
}

std::string key_of(const rpc::json_member& x) {
  return rpc::unquote("\"" + std::string{x.key} + "\"").value_or("");
}

followers read_followers(std::string_view text) {
  followers result;
  rpc::for_each_member(text, [&](const rpc::json_member& x) {
    auto weight = std::strtod(std::string{x.value}.c_str(), nullptr);
    if (weight > 0 && weight <= use_model::most_weight)
      result[key_of(x)] = weight;
    return result.size() < use_model::most_servers;
  });
  return result;
}

} // namespace

void use_model::count(followers& after, const std::string& server) {
  if (sum_of(after) >= most_weight) {
    for (auto& [name, weight] : after)
      weight /= 2;
    std::erase_if(after, [](auto& x) { return x.second < 0.5; });
  }
  after[server] += 1;
}

bool use_model::has_room() {
  if (rows_.size() >= most_rows)
    std::erase_if(rows_, [](auto& x) { return sum_of(x.second) < 2; });
  return rows_.size() < most_rows;
}

void use_model::count_in(const use_context& where, const std::string& before, const std::string& server) {
  row key{where, before};
  if (rows_.contains(key) || has_room())
    count(rows_[std::move(key)], server);
}

bool use_model::observe(const std::string& user, const use_context& where, const std::string& server, time_point now) {
  auto known = recent_.find(user);
  if (known == recent_.end()) {
    if (recent_.size() >= most_users)
      std::erase_if(recent_, [now](auto& x) { return now - x.second.back().at > horizon; });
    if (recent_.size() >= most_users)
      return false;
    known = recent_.try_emplace(user).first;
  }
  auto& recent = known->second;
  std::erase_if(recent, [now](auto& x) { return now - x.at > horizon; });
  if (!recent.empty() && recent.back().server == server) {
    recent.back().at = now;
    return false;
  }
  for (auto& before : recent) {
    if (before.server == server)
      continue;
    if (all_.size() < most_servers || all_.contains(before.server))
      count(all_[before.server], server);
    if (!where.project.empty())
      count_in({{}, where.project}, before.server, server);
    if (!where.client.empty())
      count_in(where, before.server, server);
  }
  std::erase_if(recent, [&](auto& x) { return x.server == server; });
  if (recent.size() >= most_recent)
    recent.erase(recent.begin());
  recent.push_back({server, now});
  return true;
}

const use_model::followers* use_model::own_habits(const use_context& where, const std::string& server) const {
  for (auto& x : {where, use_context{{}, where.project}}) {
    auto known = rows_.find({x, server});
    if (known != rows_.end() && sum_of(known->second) >= enough)
      return &known->second;
  }
  return nullptr;
}

std::vector<std::string> use_model::predict(const use_context& where, const std::string& server) const {
  static const use_model nothing;
  return predict(where, server, nothing);
}

std::vector<std::string> use_model::predict(const use_context& where, const std::string& server,
                                            const use_model& other) const {
  if (auto* own = own_habits(where, server))
    return likely_in(*own);
  followers joined;
  for (auto* model : {this, &other})
    if (auto known = model->all_.find(server); known != model->all_.end())
      for (auto& [name, weight] : known->second)
        joined[name] = std::max(joined[name], weight);
  return likely_in(joined);
}

void use_model::forget(const std::string& server) {
  all_.erase(server);
  std::erase_if(rows_, [&](auto& x) { return x.first.server == server; });
  for (auto& [name, after] : all_)
    after.erase(server);
  for (auto& [key, after] : rows_)
    after.erase(server);
  for (auto& [user, recent] : recent_)
    std::erase_if(recent, [&](auto& x) { return x.server == server; });
  std::erase_if(recent_, [](auto& x) { return x.second.empty(); });
}

std::string use_model::write() const {
  std::string all;
  for (auto& [server, after] : all_)
    all += (all.empty() ? "" : ",") + rpc::quote(server) + ":" + write_followers(after);
  std::string rows;
  for (auto& [key, after] : rows_)
    rows += (rows.empty() ? "{\"client\":" : ",{\"client\":") + rpc::quote(key.where.client) + ",\"project\":"
            + rpc::quote(key.where.project) + ",\"server\":" + rpc::quote(key.server) + ",\"next\":" + write_followers(after) + "}";
  return "{\"format\":2,\"all\":{" + all + "},\"rows\":[" + rows + "]}";
}

use_model use_model::read(std::string_view text) {
  use_model result;
  if (rpc::check_json(text))
    return result;
  // Format 1 was what is `all` now, by itself.
  auto has_contexts = rpc::to_integer(rpc::member(text, "format")).has_value();
  rpc::for_each_member(has_contexts ? rpc::member(text, "all") : text, [&](const rpc::json_member& x) {
    if (auto after = read_followers(x.value); !after.empty())
      result.all_[key_of(x)] = std::move(after);
    return result.all_.size() < most_servers;
  });
  if (!has_contexts)
    return result;
  auto word = [](std::string_view object, std::string_view name) { return rpc::unquote(rpc::member(object, name)).value_or(""); };
  rpc::for_each_element(rpc::member(text, "rows"), [&](std::string_view x) {
    if (auto after = read_followers(rpc::member(x, "next")); !after.empty())
      result.rows_[{{word(x, "client"), word(x, "project")}, word(x, "server")}] = std::move(after);
    return result.rows_.size() < most_rows;
  });
  return result;
}

void prediction_tally::expect(const std::string& user, std::vector<std::string> servers, time_point now) {
  if (open_.size() < use_model::most_users || open_.contains(user))
    open_[user] = {std::move(servers), now + use_model::horizon};
}

void prediction_tally::used(const std::string& user, const std::string& server, time_point now) {
  expire(now);
  auto node = open_.extract(user);
  if (node.empty())
    return;
  auto& servers = node.mapped().servers;
  ++(std::ranges::find(servers, server) != servers.end() ? hits_ : misses_);
}

void prediction_tally::expire(time_point now) {
  misses_ += std::erase_if(open_, [now](auto& x) { return x.second.until <= now; });
}

std::string server_of_tool(std::string_view tool, const std::function<bool(const std::string&)>& is_server) {
  // The names of servers may have such lines in them.
  auto named_at = [&](std::string_view rest) {
    for (auto end = rest.find("__"); end != std::string_view::npos; end = rest.find("__", end + 1))
      if (auto name = std::string{rest.substr(0, end)}; is_server(name))
        return name;
    return std::string{};
  };
  auto is_of_client = tool.starts_with("mcp__");
  if (is_of_client)
    tool.remove_prefix(5);
  auto result = named_at(tool);
  if (auto hub = tool.find("__"); result.empty() && is_of_client && hub != std::string_view::npos)
    result = named_at(tool.substr(hub + 2));
  return result;
}

} // namespace hub
