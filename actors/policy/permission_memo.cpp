#include "actors/policy/permission_memo.hpp"

#include "actors/policy/tool_params.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>

namespace hub {

namespace {

/// Whether a key between its quotes could be read as `name`.
bool is_name(std::string_view key) {
  auto same = [](std::string_view x) {
    constexpr std::string_view name = "name";
    return std::ranges::equal(x, name, {}, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  };
  if (key.find('\\') == std::string_view::npos)
    return same(key);
  return same(rpc::unquote("\"" + std::string{key} + "\"").value_or(""));
}

} // namespace

permission_decision permission_memo::decide(const client_policy& policy, std::string_view server,
                                            std::string_view tool, bool& is_new) {
  if (auto i = known_.find(question_view{server, tool}); i != known_.end()) {
    is_new = false;
    return i->second;
  }
  is_new = true;
  auto result = tool.empty() ? policy.decide(server) : policy.decide(server, tool);
  if (known_.size() >= capacity)
    known_.clear();
  known_.emplace(question{std::string{server}, std::string{tool}}, result);
  return result;
}

tool_params read_tool_params(std::string_view params, std::string& text) {
  tool_params result;
  std::string_view value;
  size_t count = 0;
  rpc::for_each_member(params, [&](const rpc::json_member& x) {
    if (x.key == "arguments") {
      if (result.arguments.empty())
        result.arguments = x.value;
    } else if (is_name(x.key)) {
      value = x.value;
      ++count;
    }
    return true;
  });
  if (count != 1 || value.size() < 2 || value.front() != '"')
    return result;
  if (value.find('\\') == std::string_view::npos) {
    result.tool = value.substr(1, value.size() - 2);
  } else if (auto read = rpc::unquote(value)) {
    text = std::move(*read);
    result.tool = text;
  }
  return result;
}

std::optional<std::string_view> called_tool(std::string_view params, std::string& text) {
  return read_tool_params(params, text).tool;
}

} // namespace hub
