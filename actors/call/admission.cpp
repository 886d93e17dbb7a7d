// How a call gets in: what stands between its client and its server.

#include "actors/call/call_path.hpp"

#include "messages/rpc/codes.hpp"
#include "messages/rpc/compose.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace hub {

namespace {

/// Whether a trace that begins now is one of those that are recorded.
bool is_sampled(const call_settings& settings) {
  return settings.sampled_share >= 1
         || static_cast<double>(new_span_id() >> 11) * 0x1p-53 < settings.sampled_share;
}

} // namespace

void admit(call_path self, call_id id, open_call& call, cache_rule_ptr rule) {
  if (self->state.guards && !ask_guards(self, id, call, rule))
    return;
  pass_guards(self, id, call, std::move(rule));
}

void pass_guards(call_path self, call_id id, open_call& call, cache_rule_ptr rule) {
  auto& asking = self->state.asking;
  auto& request = call.request;
  call.exclusive = call.isolated == 0 && !asking.empty() && request.client && can_be_asked(*request.client)
                   && asking.may_ask(subject_of(call.server, request.method, request.params));
  if (rule && !pass_cache(self, id, call, std::move(rule)))
    return;
  ask_server(self, id, call);
}

void ask_server(call_path self, call_id id, open_call& call) {
  if (call.priced && !reserve_cost(self, id, call))
    return;
  send_on(self, id, call);
}

caf::result<rpc_answer> take(call_path self, make_call& x) {
  auto& st = self->state;
  if (st.draining)
    return failed(failure::kind::shutting_down, x.server, "The hub is shutting down",
                  "Call again when it runs.");
  if (auto token = token_of(x); !token.empty())
    return resume(self, x, token);
  if (st.table.holds(x.key)) {
    rpc_answer answer;
    answer.kind = answer_kind::error;
    answer.body = rpc::error_object(rpc_code::invalid_request, "Invalid Request: the id " + x.key.id
                                                       + " is in use by another request");
    return answer;
  }
  if (st.table.full())
    return failed(failure::kind::overloaded, x.server,
                  "The hub has " + std::to_string(st.table.size()) + " calls in flight",
                  "Wait for some of them to end.");
  auto now = now_of(self);
  auto limit = x.time_limit.count() > 0 ? x.time_limit : st.settings.time_limit;
  auto promise = self->make_response_promise<rpc_answer>();
  auto id = st.table.add(open_call{
    std::move(x.key), reply<rpc_answer>{promise},
    backend_request{0, std::move(x.method), std::move(x.params), std::move(x.notify),
                    std::move(x.client), x.logs,
                    caf::actor_cast<question_actor>(self), std::move(x.session)},
    std::move(x.server), x.isolated, now, now + limit, x.tell_as_tool_result, false, {}, limit, 0,
    std::move(x.origin), x.rule});
  auto* call = st.table.find(id);
  call->request.trace = std::move(x.trace);
  if (!call->request.trace && st.settings.begins_traces)
    call->request.trace = begin_trace(is_sampled(st.settings));
  call->times.received = x.received;
  call->result_limit = x.result_limit;
  call->times.admitted = now;
  auto cache_rule = std::move(x.cache_rule);
  if (x.choices)
    cache_rule = begin_cascade(self, *call, std::move(x.choices));
  if (x.price && !(call->cascade && call->cascade->choices->may_fall)) {
    call->priced = std::make_unique<priced_call>();
    call->priced->price = std::move(x.price);
  }
  admit(self, id, *call, std::move(cache_rule));
  keep_ticking(self);
  return promise;
}

} // namespace hub
