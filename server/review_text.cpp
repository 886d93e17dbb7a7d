#include "server/review_text.hpp"

#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace hub {

namespace {

std::string_view name_of(change_policy x) noexcept {
  return x == change_policy::pass ? "pass" : x == change_policy::hold ? "hold" : "warn";
}

std::string_view name_of(pin_state x) noexcept {
  return x == pin_state::same ? "same" : x == pin_state::changed ? "changed" : "new";
}

template <class Range, class F>
std::string array_of(const Range& range, F&& text) {
  std::string result = "[";
  for (auto& x : range) {
    if (result.size() > 1)
      result += ',';
    result += text(x);
  }
  return result + ']';
}

std::string tool_text(const reviewed_tool& x) {
  auto result = R"({"tool":)" + rpc::quote(x.name) + R"(,"state":")" + std::string{name_of(x.state)} + R"(","held":)"
                + (x.held ? "true" : "false") + R"(,"suspicions":)" + array_of(x.suspicions, rpc::quote);
  if (x.state == pin_state::changed)
    result += R"(,"pinned_at":)" + std::to_string(x.pinned_at) + R"(,"pinned_digest":)" + rpc::quote(x.pinned_digest)
              + R"(,"pinned":)" + std::string{x.pinned.view()};
  if (x.state != pin_state::same)
    result += R"(,"digest":)" + rpc::quote(x.digest);
  return result + R"(,"current":)" + std::string{x.current.view()} + '}';
}

} // namespace

std::string changes_text(const tool_changes_listed& x) {
  return R"({"servers":)" + array_of(x.servers, [](const server_review& server) {
           return R"({"server":)" + rpc::quote(server.server) + R"(,"policy":")" + std::string{name_of(server.policy)}
                  + R"(","tools":)" + array_of(server.tools, tool_text) + '}';
         })
         + '}';
}

std::string approval_text(const tools_approved& x) {
  return std::string{R"({"ok":)"} + (x.ok ? R"(true,"message":)" : R"(false,"error":)") + rpc::quote(x.message) + R"(,"fix":)"
         + rpc::quote(x.fix) + '}';
}

std::string with_review_counts(std::string text, const tool_changes_listed& x) {
  auto counts = array_of(x.servers, [](const server_review& server) {
    auto count = [&](auto&& which) { return std::to_string(std::ranges::count_if(server.tools, which)); };
    return R"({"server":)" + rpc::quote(server.server) + R"(,"policy":")" + std::string{name_of(server.policy)}
           + R"(","changed":)" + count([](auto& tool) { return tool.state == pin_state::changed; }) + R"(,"new":)"
           + count([](auto& tool) { return tool.state == pin_state::added; }) + R"(,"held":)"
           + count([](auto& tool) { return tool.held; }) + R"(,"suspicious":)"
           + count([](auto& tool) { return !tool.suspicions.empty(); }) + '}';
  });
  return std::string{rpc::edit_members(json_text{std::move(text)}, {{"tool_changes", counts}}).view()};
}

} // namespace hub
