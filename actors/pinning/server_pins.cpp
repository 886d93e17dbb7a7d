#include "actors/pinning/server_pins.hpp"

#include "actors/pinning/tool_definition.hpp"
#include "messages/rpc/json_scan.hpp"

#include <set>
#include <utility>

namespace hub {

std::string name_of_tool(const json_text& tool) {
  return rpc::unquote(rpc::member(tool.view(), "name")).value_or("");
}

pinned_catalogue server_pins::compare(const catalogue_ptr& told, change_policy policy, int64_t now) {
  pinned_catalogue result;
  auto first_list = !std::exchange(known_, true);
  result.pins_changed = first_list;
  auto holds = policy == change_policy::hold;
  auto gate = std::make_shared<tool_gate>();
  std::vector<json_text> shown;
  auto differs = false;
  for (auto& tool : told->tools) {
    auto name = name_of_tool(tool);
    auto i = pins_.find(name);
    if (i == pins_.end()) {
      auto digest = definition_digest(tool.view());
      if (holds && !first_list) {
        reviewed_tool change;
        change.name = std::move(name);
        change.state = pin_state::added;
        change.held = true;
        change.digest = std::move(digest);
        change.current = tool;
        result.changes.push_back(std::move(change));
        differs = true;
        continue;
      }
      pins_.emplace(name, pin{tool, std::move(digest), now});
      result.first_seen.push_back(tool);
      result.pins_changed = true;
      gate->open(std::move(name));
      shown.push_back(tool);
      continue;
    }
    auto& pinned = i->second;
    // Most are the same to the byte, and then one text in memory does for both.
    auto same = pinned.definition.view() == tool.view();
    auto digest = same ? pinned.digest : definition_digest(tool.view());
    if (same || digest == pinned.digest) {
      if (same)
        pinned.definition = tool;
      gate->open(std::move(name));
      shown.push_back(tool);
      continue;
    }
    if (policy == change_policy::pass) {
      pinned = {tool, std::move(digest), now};
      result.first_seen.push_back(tool);
      result.pins_changed = true;
      shown.push_back(tool);
      continue;
    }
    reviewed_tool change;
    change.name = std::move(name);
    change.state = pin_state::changed;
    change.held = holds;
    change.pinned_digest = pinned.digest;
    change.digest = std::move(digest);
    change.pinned_at = pinned.at;
    change.pinned = pinned.definition;
    change.current = tool;
    result.changes.push_back(std::move(change));
    shown.push_back(holds ? pinned.definition : tool);
    differs |= holds;
  }
  result.pins_changed |= forget_gone(*told);
  if (holds)
    result.gate = std::move(gate);
  if (!differs) {
    result.shown = told;
    return result;
  }
  auto copy = std::make_shared<server_catalogue>(*told);
  copy->tools = std::move(shown);
  result.shown = std::move(copy);
  return result;
}

size_t server_pins::approve(const server_catalogue& told, std::string_view tool, int64_t now) {
  size_t result = 0;
  for (auto& x : told.tools) {
    auto name = name_of_tool(x);
    if (!tool.empty() && name != tool)
      continue;
    auto digest = definition_digest(x.view());
    auto& pinned = pins_[name];
    if (pinned.digest == digest)
      continue;
    pinned = {x, std::move(digest), now};
    ++result;
  }
  known_ = true;
  return result;
}

bool server_pins::forget_gone(const server_catalogue& told) {
  if (pins_.size() <= limit)
    return false;
  std::set<std::string> present;
  for (auto& tool : told.tools)
    present.insert(name_of_tool(tool));
  return std::erase_if(pins_, [&](auto& x) { return !present.contains(x.first); }) > 0;
}

std::string server_pins::write() const {
  std::string result = R"({"pins":[)";
  for (auto& [name, x] : pins_) {
    if (!result.ends_with('['))
      result += ',';
    result += R"({"name":)" + rpc::quote(name) + R"(,"digest":)" + rpc::quote(x.digest) + R"(,"at":)" + std::to_string(x.at)
              + R"(,"definition":)" + std::string{x.definition.view()} + '}';
  }
  return result + "]}";
}

server_pins server_pins::read(const json_text& text) {
  server_pins result;
  auto add = [&](std::string_view item) {
    auto name = rpc::unquote(rpc::member(item, "name"));
    auto digest = rpc::unquote(rpc::member(item, "digest"));
    auto definition = rpc::member(item, "definition");
    if (name && digest && !definition.empty())
      result.pins_[*name] = {text.slice(definition), *digest, rpc::to_integer(rpc::member(item, "at")).value_or(0)};
    return true;
  };
  result.known_ = rpc::for_each_element(rpc::member(text.view(), "pins"), add);
  if (!result.known_)
    result.pins_.clear();
  return result;
}

} // namespace hub
