#include "actors/ledger/cascades.hpp"

#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <string>

namespace hub {

namespace {

bool has_fixed(const cascade_tool& x, std::string_view key) {
  return std::ranges::any_of(x.fixed, [&](auto& y) { return y.first == key; });
}

/// What the cascade calls an argument of one of its tools.
std::string common_name(const cascade_tool& x, const std::string& own) {
  auto i = std::ranges::find_if(x.arguments, [&](auto& y) { return y.second == own; });
  return i != x.arguments.end() ? i->first : own;
}

std::optional<std::string> own_name(const cascade_tool& x, const std::string& common) {
  auto i = std::ranges::find(x.arguments, common, [](auto& y) { return y.first; });
  return i != x.arguments.end() ? i->second : common;
}

} // namespace

std::pair<const cascade*, size_t> find_cascade(const cascade_list& cascades, std::string_view server, std::string_view tool) {
  for (auto& x : cascades) {
    auto i = std::ranges::find_if(x.tools, [&](auto& y) { return y.tool == tool && y.server == server; });
    if (i != x.tools.end())
      return {&x, static_cast<size_t>(i - x.tools.begin())};
  }
  return {nullptr, 0};
}

json_text translate_call(const json_text& params, const cascade_tool& from, const cascade_tool& to) {
  std::string arguments = "{";
  auto add = [&](std::string_view key, std::string_view value) {
    if (arguments.size() > 1)
      arguments += ',';
    arguments.append(rpc::quote(key)).append(":").append(value);
  };
  rpc::for_each_member(rpc::member(params.view(), "arguments"), [&](const rpc::json_member& x) {
    auto key = rpc::unquote('"' + std::string{x.key} + '"').value_or(std::string{x.key});
    if (has_fixed(from, key))
      return true;
    auto own = own_name(to, common_name(from, key));
    if (own && !has_fixed(to, *own))
      add(*own, x.value);
    return true;
  });
  for (auto& [key, value] : to.fixed)
    add(key, value);
  return rpc::edit_members(params, {{"name", rpc::quote(to.tool)}, {"arguments", arguments + "}"}});
}

} // namespace hub
