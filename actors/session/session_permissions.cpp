// What permission rules let a session see and do.

#include "actors/call/call_feed.hpp"
#include "actors/call/call_log.hpp"
#include "actors/session/session_parts.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"
#include "messages/sha256.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace hub {

std::string text_of(const door& x) {
  if (x.group.empty())
    return x.server;
  return "g/" + x.group + (x.server.empty() ? "" : "/" + x.server);
}

bool has_view(session_pointer self) {
  auto& policy = self->state.settings.policy;
  return policy && policy->hides();
}

get_view view_wanted(session_pointer self, bool searchable) {
  auto& settings = self->state.settings;
  return {settings.door.server.empty() ? settings.door.group : "", settings.policy, searchable};
}

snapshot_ptr take_snapshot(session_pointer self, const snapshot_ptr& news) {
  auto& settings = self->state.settings;
  auto whole = has_view(self) || !settings.door.server.empty();
  return std::exchange(settings.snapshot, whole ? news : part_of(news, settings.door.group));
}

void tell_refusal(session_pointer self, const client_request& request, const forward& to, const permission_rule* rule) {
  auto& settings = self->state.settings;
  if (!is_wanted(settings.observers))
    return;
  call_record record{std::chrono::system_clock::now(), request.client, origin_of(self), to.server, to.method,
                     to.params, call_outcome::denied, 0, rule, settings.policy};
  record.request = request.message.id.view();
  record.trace = request.trace;
  record.times.received = request.received;
  record.times.ended = now_of(self);
  auto one = std::make_shared<std::vector<call_record>>();
  one->push_back(std::move(record));
  tell(settings.observers, std::move(one));
}

std::optional<rpc_answer> refuse(session_pointer self, const client_request& request, forward& to) {
  auto& st = self->state;
  std::string text;
  std::string_view tool;
  if (to.method == "tools/call") {
    auto name = called_tool(to.params.view(), text);
    if (!name)
      return error_of(invalid_params, "Invalid params: the tool has no \"name\", or more than one");
    tool = *name;
  } else if (to.method == "logging/setLevel" || to.method == "ping") {
    return std::nullopt;
  }
  auto is_new = false;
  auto decided = st.permissions.decide(*st.settings.policy, to.server, tool, is_new);
  to.rule = decided.rule;
  if (decided.act == permission::deny)
    tell_refusal(self, request, to, to.rule);
  if (decided.act == permission::deny)
    return denied(decided, to.server, tool, to.tell_as_tool_result);
  if (decided.act == permission::warn && is_new)
    // Names are quoted: they come from outside and must not look like lines of the log.
    call_log(request.message.id.view(), request.trace ? request.trace->trace : trace_id{})
      ->warn("client {} uses {} of server {}, of which {} warns",
                 rpc::quote(st.settings.client ? st.settings.client->name : "(stateless)"),
                 tool.empty() ? to.method : rpc::quote(tool), to.server,
                 describe(*decided.rule));
  return std::nullopt;
}

std::string mark_of_session(std::string_view id) {
  return sha256_hex(id).substr(0, 12);
}

std::shared_ptr<const call_origin> origin_of(session_pointer self) {
  auto& st = self->state;
  if (!st.origin) {
    auto mark = is_stateless(self) ? std::string{} : mark_of_session(st.settings.id);
    st.origin = std::make_shared<const call_origin>(
      call_origin{std::move(mark), text_of(st.settings.door), st.settings.tally});
  }
  return st.origin;
}

} // namespace hub
