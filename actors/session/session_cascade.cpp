// Which other tools a call may go to.

#include "actors/ledger/cascades.hpp"
#include "actors/session/held_tool.hpp"
#include "actors/session/session_parts.hpp"

#include <utility>

namespace hub {

namespace {

call_choice choice_of(forward to, std::string tool, uint64_t run) {
  return {std::move(to.server), std::move(tool), std::move(to.params), run, to.rule, std::move(to.cache_rule),
          std::move(to.price)};
}

/// Lets the rules and approvals judge another tool as if the client had called it.
bool may_call(session_pointer self, const catalog_snapshot& snapshot, const cascade_tool& tool, forward& to) {
  auto& st = self->state;
  if (st.settings.policy) {
    auto is_new = false;
    auto decided = st.permissions.decide(*st.settings.policy, tool.server, tool.tool, is_new);
    if (decided.act == permission::deny)
      return false;
    to.rule = decided.rule;
  }
  return !refuse_held(snapshot, to);
}

} // namespace

std::shared_ptr<const call_choices> choices_of(session_pointer self, const forward& call) {
  auto& st = self->state;
  std::string text;
  auto name = called_tool(call.params.view(), text);
  auto [group, place] = find_cascade(*call.cascades, call.server, name.value_or(""));
  if (!group)
    return nullptr;
  auto run_of = [&](const forward& x) { return x.per_session && !is_stateless(self) ? st.settings.number : 0; };
  auto result = std::make_shared<call_choices>();
  result->name = group->name;
  result->may_fall = st.settings.door.server.empty();
  auto& snapshot = *st.settings.snapshot;
  for (size_t i = 0; i < group->tools.size(); ++i) {
    auto& tool = group->tools[i];
    if (i == place) {
      result->called = result->tools.size();
      result->tools.push_back(choice_of(call, tool.tool, run_of(call)));
      continue;
    }
    auto found = snapshot.find_server(tool.server);
    auto* server = found ? &snapshot.servers()[*found] : nullptr;
    if (!server || server->name != tool.server || !server->enabled || !server->member || server->denied)
      continue;
    auto to = forward_to(*server, call.method, translate_call(call.params, group->tools[place], tool), call.tell_as_tool_result);
    if (!may_call(self, snapshot, tool, to))
      continue;
    st.isolates |= run_of(to) != 0;
    auto run = run_of(to);
    result->tools.push_back(choice_of(std::move(to), tool.tool, run));
  }
  return result->tools.size() > 1 ? result : nullptr;
}

} // namespace hub
