// The plugins' step: they may deny a call before it is made, and are waited for no longer than
// their time limits.

#include "actors/call/call_path.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace hub {

namespace {

rpc_answer denied_by(const std::string& plugin, const std::string& server, std::string reason) {
  return failed(failure::kind::denied, server,
                "plugin " + plugin + " denies this call" + (reason.empty() ? "" : ": " + std::move(reason)),
                "It is a plugin of the user, who can see more of it with `slm-hub plugins list`.");
}

/// @param cause Goes on after the name of the plugin.
rpc_answer denied_without(const call_guard& guard, const std::string& server, const std::string& cause) {
  return failed(failure::kind::denied, server,
                "plugin " + guard.name + " has to agree to this call, and it " + cause,
                "See `slm-hub plugins list` and `slm-hub plugins logs " + guard.name
                  + "`. With \"on_failure\": \"allow\" at this plugin in the configuration, calls are made without its word.");
}

/// Makes room for a question, or counts it as unanswered.
bool can_ask(const call_guard& guard) {
  if (guard.plugin)
    return guard.gauge->ask();
  ++guard.gauge->unanswered;
  return false;
}

/// Sees to it that a tick comes when the next plugin has had its time.
void keep_watch(call_path self) {
  auto& st = self->state;
  auto next = st.guarded.next();
  if (!next || (st.guard_tick_at && *st.guard_tick_at <= *next))
    return;
  st.guard_tick_at = *next;
  auto pause = std::max(*next - now_of(self), call_table::time_point::duration{0});
  self->delayed_send(self, pause, guard_tick{++st.guard_ticks});
}

/// A call that no plugin is waited for any more goes on.
void go_on(call_path self, call_id id) {
  auto& st = self->state;
  if (auto rule = st.guarded.take_if_free(id))
    if (auto* call = st.table.find(id)) {
      call->times.admitted = now_of(self);
      pass_guards(self, id, *call, std::move(*rule));
    }
}

/// There is no verdict for a call: it goes on, or not.
void without_verdict(call_path self, call_id id, const call_guard& guard, const std::string& cause) {
  auto& st = self->state;
  if (!guard.denies_without_verdict)
    return go_on(self, id);
  st.guarded.drop(id);
  if (auto* call = st.table.find(id))
    finish(self, id, denied_without(guard, call->server, cause));
}

void judge(call_path self, uint64_t question, const call_guard& guard, const call_verdict& verdict) {
  auto& st = self->state;
  --guard.gauge->asked;
  // One that comes late counts as none.
  auto id = st.guarded.answer(question);
  if (!id)
    return;
  using kind = call_verdict::kind;
  switch (verdict.what) {
    case kind::pass:
      ++guard.gauge->passed;
      return go_on(self, *id);
    case kind::none:
      ++guard.gauge->unanswered;
      return without_verdict(self, *id, guard, "gave no verdict");
    case kind::deny:
      ++guard.gauge->denied;
  }
  st.guarded.drop(*id);
  if (auto* call = st.table.find(*id))
    finish(self, *id, denied_by(guard.name, call->server, verdict.reason));
}

} // namespace

bool ask_guards(call_path self, call_id id, open_call& call, cache_rule_ptr& rule) {
  auto& st = self->state;
  auto guards = st.guards;
  auto now = now_of(self);
  std::shared_ptr<const intended_call> intended;
  for (auto& x : *guards) {
    // No copy: it is a part of the list, which stays.
    guarded_calls::guard_ptr guard{guards, &x};
    if (!can_ask(x)) {
      if (!x.denies_without_verdict)
        continue;
      st.guarded.drop(id);
      finish(self, id, denied_without(x, call.server, x.missing.empty() ? "has too many calls to judge" : x.missing));
      return false;
    }
    if (!intended) {
      intended = std::make_shared<const intended_call>(
        intended_call{id, call.server, call.request.method, call.request.params, call.request.client, call.origin});
      st.guarded.add(id, std::move(rule));
    }
    auto question = st.guarded.ask(id, guard, now + x.time_limit);
    self->request(x.plugin, caf::infinite, before_call{intended})
      .then([self, question, guard](const call_verdict& x) { judge(self, question, *guard, x); },
            [self, question, guard](const caf::error&) { judge(self, question, *guard, {call_verdict::kind::none}); });
  }
  keep_watch(self);
  return intended == nullptr;
}

void watch_guards(call_path self, const guard_tick& tick) {
  auto& st = self->state;
  if (tick.number != st.guard_ticks)
    return;
  st.guard_tick_at.reset();
  for (auto& x : st.guarded.take_late(now_of(self))) {
    ++x.guard->gauge->unanswered;
    without_verdict(self, x.call, *x.guard, "did not answer within " + std::to_string(x.guard->time_limit.count()) + " ms");
  }
  keep_watch(self);
}

} // namespace hub
