#include "actors/session/tool_choice.hpp"

#include "actors/learning/tie_breaker.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>

namespace hub {

namespace {

std::string name_of(const catalog_snapshot& snapshot, tool_ref x) {
  return rpc::unquote(rpc::member(snapshot.tool(x).view(), "name")).value_or("");
}

bool before(tool_ref a, tool_ref b) {
  return a.server != b.server ? a.server < b.server : a.tool < b.tool;
}

bool same(tool_ref a, tool_ref b) {
  return a.server == b.server && a.tool == b.tool;
}

} // namespace

std::vector<tool_ref> tool_choice::of(const catalog_snapshot& snapshot, size_t count, const habit_table* habits,
                                      std::string_view project, std::string_view client) {
  // One tool of each server, then a second one of each: of what nobody has used yet, some of everything.
  auto all = snapshot.tools();
  std::ranges::stable_sort(all, {}, &tool_ref::tool);
  std::vector<uint64_t> hashes;
  std::vector<std::string> names;
  for (auto ref : all) {
    names.push_back(name_of(snapshot, ref));
    hashes.push_back(habit_tool(snapshot.servers()[ref.server].name, names.back()));
  }
  std::vector<tool_ref> result;
  auto take = [&](size_t i) {
    auto taken = std::ranges::any_of(result, [&](tool_ref x) { return same(x, all[i]); });
    if (!taken && result.size() < count)
      result.push_back(all[i]);
  };
  for (auto& [server, tool] : names_) {
    auto i = std::ranges::find(hashes, habit_tool(server, tool));
    if (i != hashes.end())
      take(static_cast<size_t>(i - hashes.begin()));
  }
  if (result.size() < count)
    for (auto i : most_useful(habits, project, client, hashes)) {
      if (result.size() == count)
        break;
      take(i);
    }
  std::ranges::sort(result, before);
  names_.clear();
  for (auto ref : result)
    names_.emplace_back(snapshot.servers()[ref.server].name, name_of(snapshot, ref));
  return result;
}

tool_choice& tool_choices::of(uint64_t user, time_point now) {
  auto i = entries_.find(user);
  if (i != entries_.end() && (user == 0 || now - i->second.made <= stateless_limit))
    return i->second.choice;
  if (i != entries_.end())
    entries_.erase(i);
  if (entries_.size() >= most)
    entries_.erase(std::ranges::min_element(entries_, {}, [](auto& x) { return x.second.made; }));
  return entries_.emplace(user, entry{{}, now}).first->second.choice;
}

} // namespace hub
