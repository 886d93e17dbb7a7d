#include "actors/call/call_path.hpp"

#include "actors/call/tool_result.hpp"
#include "messages/policy.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace hub {

namespace {

using pointer = call_path;
using std::chrono::duration_cast;

/// How fine deadlines are.
constexpr std::chrono::milliseconds tick_length{100};

/// Tells the observers how calls have ended.
void tell_observers(pointer self) {
  auto& st = self->state;
  if (!st.ends.empty())
    tell(st.settings.observers, st.ends.take());
}

} // namespace

void check_drained(call_path self) {
  auto& st = self->state;
  if (st.drained && st.table.empty() && st.held.empty() && st.cutting == 0) {
    tell_observers(self);
    st.drained->deliver(st.drain_counts);
    st.drained.reset();
  }
}

void keep_ticking(call_path self) {
  auto& st = self->state;
  auto has_calls = !st.table.empty() || !st.held.empty() || st.drained || !st.ends.empty() || st.ends.holds();
  if (st.ticking || (!has_calls && st.exclusive.empty()))
    return;
  st.ticking = true;
  // Runs that nobody uses can wait.
  self->delayed_send(self, has_calls ? tick_length : 10 * tick_length, calls_tick{});
}

call_table::time_point now_of(call_path self) {
  return call_table::time_point{self->clock().now().time_since_epoch()};
}

rpc_answer failed(failure::kind what, std::string server, std::string cause, std::string fix) {
  rpc_answer result;
  result.kind = answer_kind::failure;
  result.why = std::make_shared<failure>(
    failure{what, std::move(server), std::move(cause), std::move(fix)});
  return result;
}

namespace {

/// What the answer to a call says that a rule warns of.
std::string warning_text(const permission_rule& rule) {
  return "this call was made and noted: " + describe(rule) + (rule.reason.empty() ? "" : ": " + rule.reason);
}

} // namespace

void tell_end(call_path self, open_call& call, const rpc_answer& answer) {
  auto& st = self->state;
  call.times.ended = now_of(self);
  auto taken = duration_cast<std::chrono::microseconds>(call.times.ended - call.started).count();
  if (is_wanted(st.settings.observers) && st.ends.note(call, answer, taken))
    tell_observers(self);
  if (call.origin && call.origin->tally)
    call.origin->tally->add(answer.kind == answer_kind::error || answer.kind == answer_kind::failure);
  // A call that a plugin denies is none of its server.
  auto denied = answer.why && answer.why->what == failure::kind::denied;
  if (answer.kind == answer_kind::cancelled || denied || !needs_server(call))
    return;
  call_ended report{call.server, taken, answer.kind == answer_kind::failure || answer.kind == answer_kind::error, "",
                    call.isolated, call.request.client};
  if (answer.why)
    report.error = answer.why->cause;
  else if (answer.kind == answer_kind::error)
    // Its words are for the asker alone: other clients see what is reported here.
    report.error = "answered " + call.request.method + " with the error "
                   + std::string{rpc::member(answer.body.view(), "code")};
  self->send(st.settings.supervisor, std::move(report));
}

void deliver_answer(call_path self, reply<rpc_answer> asker, rpc_answer answer, settle_costs costs) {
  if (costs.entries.empty())
    asker.deliver(std::move(answer));
  else
    answer_when_kept(self, std::move(asker), std::move(answer), std::move(costs));
}

void finish(call_path self, call_id id, rpc_answer answer) {
  auto& st = self->state;
  if (st.cascading > 0)
    if (auto* open = st.table.find(id); open && open->cascade && fall_to_next(self, id, *open, answer))
      return;
  auto call = st.table.remove(id);
  if (!call)
    return;
  settle_costs costs;
  if (call->priced)
    costs = settle_cost(self, *call, answer);
  tell_end(self, *call, answer);
  auto cancelled = answer.kind == answer_kind::cancelled;
  auto has_failed = answer.kind == answer_kind::failure || answer.kind == answer_kind::error;
  answer.cache = call->cache;
  auto for_others = call->cached ? answer : rpc_answer{};
  if ((answer.cache == cache_use::hit || answer.cache == cache_use::shared) && answer.kind == answer_kind::result
      && st.settings.saved)
    st.settings.saved->add_result(answer.body.size());
  ++(cancelled ? st.counts.cancelled : has_failed ? st.counts.failed : st.counts.answered);
  if (st.draining && !cancelled)
    ++st.drain_counts.finished;
  if (call->rule && call->rule->act == permission::warn && answer.kind == answer_kind::result)
    answer.body = with_meta(answer.body, "hub/warning", rpc::quote(warning_text(*call->rule)));
  if (call->priced && !call->priced->cost.is_none() && answer.kind == answer_kind::result)
    answer.body = with_meta(answer.body, "hub/cost", R"({"cents":)" + to_string(call->priced->cost) + '}');
  if (call->tell_as_tool_result)
    answer = as_tool_result(call->server, std::move(answer));
  if (call->cascade && !call->cascade->order.empty()) {
    --st.cascading;
    if (answer.kind == answer_kind::result)
      answer.body = with_meta(answer.body, "hub/cascade", cascade_meta(*call));
  }
  if (is_too_large(self, *call, answer)) [[unlikely]]
    cut_and_deliver(self, *call, std::move(answer), std::move(costs));
  else
    deliver_answer(self, std::move(call->asker), std::move(answer), std::move(costs));
  if (call->cached)
    end_cached(self, *call, for_others);
  leave_run(self, *call, call->sent);
  if (!st.guarded.empty())
    st.guarded.drop(id);
  check_drained(self);
}

namespace {

constexpr call_table::time_point no_time{};

void find_backend(pointer self, call_id id, open_call& call);

void send_to_backend(pointer self, call_id id, open_call& call, const backend_actor& backend) {
  call.sent = true;
  ++call.tries;
  if (call.priced)
    call.priced->sent_at = now_of(self);
  // One that went straight through has spent no time since it was admitted.
  auto& times = call.times;
  auto waited = times.start_asked != no_time || times.looked_up != no_time || call.tries > 1;
  times.sent = waited ? now_of(self) : times.admitted;
  auto answer = self->request(backend, caf::infinite, call.request);
  if (call.cached)
    join_followers(self, id, call, backend);
  std::move(answer)
    .then(
      [self, id](rpc_answer& answer) {
        auto* call = self->state.table.find(id);
        // A run that is ending has not sent it, so another one may.
        if (call && call->tries < 3 && answer.why && answer.why->what == failure::kind::stopping) {
          self->state.backends.erase({call->server, call->isolated});
          call->sent = false;
          find_backend(self, id, *call);
          return;
        }
        if (call)
          leave_run(self, *call, false);
        if (take_input_required(self, id, answer))
          part_followers(self, id);
        else
          finish(self, id, std::move(answer));
      },
      [self, id](const caf::error&) {
        auto* call = self->state.table.find(id);
        if (!call)
          return;
        finish(self, id,
               failed(failure::kind::crashed, call->server,
                      "server " + call->server + " ended while this call was in flight",
                      "It is started again on the next call."));
      });
}

/// Has the server of a call started, and sends the call on.
void find_backend(pointer self, call_id id, open_call& call) {
  call.times.start_asked = now_of(self);
  need_backend wanted{call.server};
  if (call.isolated != 0) {
    wanted.scope = call.isolated;
    // An exclusive run belongs to nobody: after this call it carries those of others.
    if (!call.holds_run) {
      wanted.client = call.request.client;
      wanted.session = call.request.session;
    }
  }
  self->request(self->state.settings.supervisor, caf::infinite, std::move(wanted))
    .then(
      [self, id](backend_lease& lease) {
        auto* call = self->state.table.find(id);
        if (!call)
          return;
        if (lease.why) {
          rpc_answer answer;
          answer.kind = answer_kind::failure;
          answer.why = std::move(lease.why);
          finish(self, id, std::move(answer));
          return;
        }
        auto& known = self->state.backends[{call->server, call->isolated}];
        if (known != lease.backend) {
          known = lease.backend;
          self->monitor(lease.backend);
        }
        send_to_backend(self, id, *call, known);
      },
      [self, id](const caf::error&) {
        finish(self, id, failed(failure::kind::shutting_down, "", "The hub is shutting down",
                                "Call again when it runs."));
      });
}

} // namespace

void send_on(call_path self, call_id id, open_call& call) {
  auto& st = self->state;
  if (!enter_run(self, id, call))
    return;
  if (auto i = st.backends.find(run_order::view{call.server, call.isolated}); i != st.backends.end())
    send_to_backend(self, id, call, i->second);
  else
    find_backend(self, id, call);
}

void take_back(call_path self, call_id id, const std::string& reason) {
  auto& st = self->state;
  auto* call = st.table.find(id);
  if (!call || (call->cached && hand_over(self, id, *call)))
    return;
  if (call->sent)
    if (auto i = st.backends.find(run_order::view{call->server, call->isolated}); i != st.backends.end())
      self->send(i->second, cancel_request{id, reason});
  rpc_answer answer;
  answer.kind = answer_kind::cancelled;
  finish(self, id, std::move(answer));
}

namespace {

/// Gives up what takes too long: the server is told, the asker gets an error.
void expire(pointer self, call_id id) {
  auto& st = self->state;
  auto* call = st.table.find(id);
  if (!call)
    return;
  if (call->input && !call->input->token.empty())
    // The server is not to blame.
    return take_back(self, id, "the client did not come back to answer");
  auto seconds = duration_cast<std::chrono::seconds>(call->deadline - call->started).count();
  auto answer = failed(
    failure::kind::timed_out, call->server,
    "server " + call->server + " did not answer " + call->request.method + " within "
      + std::to_string(seconds) + " s",
    "If it needs longer, raise \"timeout\" (in seconds) for it in the configuration.");
  if (call->sent)
    if (auto i = st.backends.find(run_order::view{call->server, call->isolated}); i != st.backends.end())
      self->send(i->second, cancel_request{id, "time limit reached"});
  finish(self, id, std::move(answer));
}

void tick(pointer self) {
  auto& st = self->state;
  st.ticking = false;
  tell_observers(self);
  st.ends.free_done();
  auto now = now_of(self);
  st.held.release_late(now);
  check_drained(self);
  for (auto id : st.table.late(now))
    expire(self, id);
  tend_runs(self);
  if (st.drained && now >= st.drain_deadline) {
    st.drain_counts.abandoned += st.table.size();
    for (auto id : st.table.all())
      finish(self, id, failed(failure::kind::shutting_down, "", "The hub was shut down before the answer came",
                              "Call again when it runs."));
    check_drained(self);
  }
  keep_ticking(self);
}

} // namespace

wired_call_actor::behavior_type calls(pointer self, call_settings settings) {
  self->state.table = call_table{settings.capacity};
  self->state.settings = std::move(settings);
  self->state.budgets.restore(std::exchange(self->state.settings.spent, {}));
  self->set_down_handler([self](const caf::down_msg& x) {
    std::erase_if(self->state.backends, [&x](const auto& entry) {
      return entry.second.address() == x.source;
    });
  });
  return {
    [self](make_call& x) { return take(self, x); },
    [self](server_question& x) { return put_question(self, x); },
    [self](const question_in_doubt& x) { doubt(self, x.call); },
    [self](const park_call& x) { park(self, x.call); },
    [self](const cancel_call& x) {
      if (auto id = self->state.table.find(x.key))
        take_back(self, *id, x.reason);
    },
    [self](const cancel_scope& x) {
      std::erase_if(self->state.backends, [&x](const auto& entry) { return entry.first.scope == x.scope && x.scope != 0; });
      auto leaving = self->state.table.of_scope(x.scope);
      // Those who wait for another's answer first: none of them is to take its place.
      std::ranges::partition(leaving, [self](call_id id) {
        auto& cached = self->state.table.find(id)->cached;
        return cached && cached->follows != 0;
      });
      for (auto id : leaving)
        take_back(self, id, "the client is gone");
    },
    [self](const drain_calls& x) -> caf::result<calls_drained> {
      auto& st = self->state;
      st.draining = true;
      st.drain_deadline = now_of(self) + x.time_limit;
      auto promise = self->make_response_promise<calls_drained>();
      st.drained.emplace(promise);
      // Nobody can come back to a call when the hub is gone.
      for (auto id : st.table.all_parked())
        take_back(self, id, "the hub is shutting down");
      check_drained(self);
      keep_ticking(self);
      return promise;
    },
    [self](get_call_counts) {
      auto result = self->state.counts;
      result.in_flight = self->state.table.size();
      return result;
    },
    [self](calls_tick) { tick(self); },
    [self](const guard_tick& x) { watch_guards(self, x); },
    [self](const guards_changed& x) { self->state.guards = x.guards; },
    [self](const drop_results& x) { return drop_kept(self, x); },
    [self](get_cache_figures) { return tell_figures(self); },
  };
}

} // namespace hub
