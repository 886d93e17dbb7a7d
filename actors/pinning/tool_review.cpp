#include "actors/pinning/tool_review.hpp"

#include "actors/pinning/tool_suspicion.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

const known_server* find(const std::vector<known_server>& servers, const std::string& name) {
  auto i = std::ranges::find(servers, name, &known_server::name);
  return i == servers.end() ? nullptr : &*i;
}

tool_owners owners_of(const std::vector<known_server>& servers) {
  tool_owners result;
  for (auto& server : servers)
    if (server.enabled && server.told)
      for (auto& tool : server.told->tools)
        result.add(name_of_tool(tool), server.name);
  return result;
}

} // namespace

tool_review::tool_review(pin_book pins) : pins_(std::move(pins)) {
  // nop
}

void tool_review::show(known_server& server, int64_t now) {
  listed_.reset();
  if (!server.told) {
    server.catalogue = nullptr;
    server.gate = nullptr;
    return;
  }
  auto found = pins_[server.name].compare(server.told, server.tool_changes, now);
  server.catalogue = found.shown;
  server.gate = found.gate;
  if (found.pins_changed && std::ranges::find(changed_, server.name) == changed_.end())
    changed_.push_back(server.name);
  auto& e = entries_[server.name];
  tell(server, found, e);
  e.told = server.told;
  e.changes = std::move(found.changes);
}

void tool_review::tell(const known_server& server, const pinned_catalogue& found, entry& e) {
  auto look_at = "; look at it with: slm-hub changes " + rpc::quote(server.name);
  std::map<std::string, std::string> told_of;
  for (auto& x : found.changes) {
    auto known = e.told_of.find(x.name);
    told_of[x.name] = x.digest;
    if (known != e.told_of.end() && known->second == x.digest)
      continue;
    auto what = x.state == pin_state::added ? " has a new tool, " : " has changed its tool ";
    news_.push_back("server " + server.name + what + rpc::quote(x.name)
                    + (x.held ? ", which is held until it is approved" : "") + look_at);
  }
  e.told_of = std::move(told_of);
  for (auto& tool : found.first_seen)
    for (auto& why : find_suspicions(tool.view())) {
      news_.push_back("the tool " + rpc::quote(name_of_tool(tool)) + " of server " + server.name
                      + " looks suspicious: its " + why + look_at);
      break;
    }
  // A server with thousands of odd tools must not fill the log.
  constexpr size_t most_news = 20;
  if (news_.size() > most_news) {
    news_.resize(most_news);
    news_.push_back("server " + server.name + " has more news of tools" + look_at);
  }
}

std::vector<keep_pins> tool_review::take_changed_pins() {
  std::vector<keep_pins> result;
  for (auto& name : std::exchange(changed_, {}))
    result.push_back({name, pins_[name].write()});
  return result;
}

std::vector<std::string> tool_review::take_news() {
  return std::exchange(news_, {});
}

server_review tool_review::review_of(const known_server& server, const tool_owners& owners) {
  auto& tools = server.told->tools;
  auto& known = suspicions_[server.name];
  // Made once for each list: it reads every text of every tool.
  if (known.of != server.told) {
    known = {server.told, {}};
    for (size_t i = 0; i < tools.size(); ++i)
      if (auto why = find_suspicions(tools[i].view()); !why.empty())
        known.by_tool[i] = std::move(why);
  }
  std::map<const char*, const reviewed_tool*> changes;
  for (auto& x : entries_[server.name].changes)
    changes[x.current.view().data()] = &x;
  server_review result{server.name, server.tool_changes, {}};
  for (size_t i = 0; i < tools.size(); ++i) {
    auto why = find_shadowing(tools[i].view(), server.name, owners);
    if (auto found = known.by_tool.find(i); found != known.by_tool.end())
      why.insert(why.begin(), found->second.begin(), found->second.end());
    auto change = changes.find(tools[i].view().data());
    if (change == changes.end() && why.empty())
      continue;
    reviewed_tool tool;
    if (change != changes.end())
      tool = *change->second;
    tool.name = name_of_tool(tools[i]);
    tool.current = tools[i];
    tool.suspicions = std::move(why);
    result.tools.push_back(std::move(tool));
  }
  return result;
}

tool_changes_listed tool_review::list(const std::vector<known_server>& servers, const std::string& only) {
  if (!listed_) {
    std::erase_if(suspicions_, [&](auto& x) { return find(servers, x.first) == nullptr; });
    auto owners = owners_of(servers);
    listed_.emplace();
    for (auto& server : servers)
      if (server.told)
        if (auto review = review_of(server, owners); !review.tools.empty())
          listed_->push_back(std::move(review));
  }
  tool_changes_listed result;
  result.server_exists = only.empty() || find(servers, only) != nullptr;
  for (auto& x : *listed_)
    if (only.empty() || x.server == only)
      result.servers.push_back(x);
  return result;
}

tools_approved tool_review::approve(const std::vector<known_server>& servers, const approve_tools& what, int64_t now) {
  auto* server = find(servers, what.server);
  if (!server)
    return {false, "There is no server " + what.server, "slm-hub servers lists the servers of this hub"};
  if (!server->told)
    return {false, "The tools of server " + what.server + " are not known yet",
            "Have it started with: slm-hub restart " + what.server};
  auto& tools = server->told->tools;
  if (!what.tool.empty()
      && std::ranges::none_of(tools, [&](auto& x) { return name_of_tool(x) == what.tool; }))
    return {false, "Server " + what.server + " has no tool " + what.tool,
            "slm-hub changes " + what.server + " lists what can be approved"};
  auto count = pins_[what.server].approve(*server->told, what.tool, now);
  if (count == 0)
    return {true, "nothing is to be approved: all is as it was pinned", ""};
  changed_.push_back(what.server);
  auto which = what.tool.empty() ? std::to_string(count) + (count == 1 ? " tool" : " tools") : "the tool " + what.tool;
  return {true, "approved " + which + " of server " + what.server, ""};
}

} // namespace hub
