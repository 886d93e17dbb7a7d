// What the call path has to do with money: budgets before a call, its cost after it.

#include "actors/call/call_path.hpp"

#include "actors/ledger/prices.hpp"
#include "actors/policy/permission_memo.hpp"
#include "messages/access.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

namespace hub {

namespace {

/// The tools whose dearest calls are remembered.
constexpr size_t most_dearest = 1'000;

/// The tool that a call names, and whoever makes it. Views of the call, and of `name`.
spender spender_of(const open_call& call, std::string& name) {
  spender result;
  auto& client = call.request.client;
  if (client) {
    result.client = client->name;
    result.project = client->project;
    if (client->who)
      result.token = client->who->name;
  }
  // Stateless clients have no session; what is theirs goes by who they are.
  result.session = call.origin && !call.origin->session.empty() ? std::string_view{call.origin->session}
                   : client && client->who                      ? std::string_view{client->who->id}
                                                                : result.client;
  result.server = call.server;
  result.tool = called_tool(call.request.params.view(), name).value_or("");
  return result;
}

std::string duration_text(int64_t seconds) {
  auto minutes = (seconds + 59) / 60;
  if (minutes < 60)
    return std::to_string(minutes) + " min";
  if (minutes < 48 * 60)
    return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
  return std::to_string(minutes / (24 * 60)) + " days";
}

/// What a model needs to know to go on without the call.
std::string refusal_text(const budget_keeper::refusal& x, const spender& who, int64_t now) {
  auto name = scope_text(x.budget) + " per " + std::string{to_string(x.budget.per)};
  auto text = "The hub did not make this call of " + std::string{who.tool} + " at server " + std::string{who.server}
              + ", since it may cost " + cents_text(x.wanted) + " and the budget \"" + name + "\" ";
  if (x.budget.per == budget::period::call)
    return text + "allows " + cents_text(x.budget.limit) + " for one call. It is set in the hub's configuration.";
  text += "has too little left: " + to_string(x.spent) + " of " + cents_text(x.budget.limit) + " are spent";
  if (!x.reserved.is_none())
    text += ", and calls in flight may cost " + cents_text(x.reserved);
  text += ". ";
  text += x.resets_at == 0 ? "It does not begin anew"
                           : "It begins anew at " + utc_text(x.resets_at) + ", in " + duration_text(x.resets_at - now);
  return text + "; its limit is set in the hub's configuration.";
}

rpc_answer refused(const budget_keeper::refusal& x, const spender& who, int64_t now, const std::string& others) {
  auto meta = R"({"scope":)" + rpc::quote(scope_text(x.budget)) + R"(,"per":")" + std::string{to_string(x.budget.per)}
              + R"(","limit_cents":)" + to_string(x.budget.limit) + R"(,"spent_cents":)" + to_string(x.spent)
              + R"(,"reserved_cents":)" + to_string(x.reserved) + R"(,"wanted_cents":)" + to_string(x.wanted);
  if (x.resets_at != 0)
    meta += R"(,"resets_at":)" + rpc::quote(utc_text(x.resets_at));
  auto text = refusal_text(x, who, now) + others;
  rpc_answer result;
  result.body = json_text{R"({"content":[{"type":"text","text":)" + rpc::quote(text)
                          + R"(}],"isError":true,"_meta":{"hub/budget":)" + meta + "}}}"};
  return result;
}

/// Whether a call that is over has to be paid: one whose result says that it worked, and one
/// whose server has it and may still be at work.
bool is_paid(const open_call& call, const rpc_answer& answer) {
  if (!call.sent)
    return false;
  if (answer.kind == answer_kind::result)
    return rpc::member(answer.body.view(), "isError") != "true";
  return answer.kind == answer_kind::cancelled
         || (answer.kind == answer_kind::failure && answer.why && answer.why->what == failure::kind::timed_out);
}

} // namespace

money expected_cost(call_path self, const price& x, const std::string& server, const std::string& tool) {
  if (x.is_fixed() || !x.at_most.is_none())
    return x.is_fixed() ? x.per_call : std::max(x.per_call, x.at_most);
  auto i = self->state.dearest.find({server, tool});
  return i != self->state.dearest.end() ? std::max(x.per_call, i->second) : x.per_call;
}

bool reserve_cost(call_path self, call_id id, open_call& call) {
  auto& st = self->state;
  auto& priced = *call.priced;
  if (st.settings.budgets)
    if (auto budgets = st.settings.budgets->load(); !st.budgets.has(budgets))
      st.budgets.set(std::move(budgets));
  std::string name;
  auto who = spender_of(call, name);
  auto now = st.settings.wall_clock();
  auto outcome = st.budgets.reserve(who, expected_cost(self, *priced.price, call.server, std::string{who.tool}), now);
  if (auto* refusal = std::get_if<budget_keeper::refusal>(&outcome)) {
    priced.refused = true;
    // Its server is not asked.
    call.cache = cache_use::none;
    finish(self, id, refused(*refusal, who, now, equivalents_text(self, call, refusal->wanted)));
    return false;
  }
  priced.reserved = std::get<budget_keeper::reservation>(std::move(outcome));
  return true;
}

settle_costs settle_cost(call_path self, open_call& call, const rpc_answer& answer) {
  auto& st = self->state;
  auto& priced = *call.priced;
  settle_costs result;
  std::string name;
  auto who = spender_of(call, name);
  auto now = st.settings.wall_clock();
  cost_entry entry{now, std::string{who.server}, std::string{who.tool},
                   std::string{who.token.empty() ? who.client : who.token}};
  if (!needs_server(call)) {
    if (!priced.refused && answer.kind == answer_kind::result)
      entry.saved = cost_of(*priced.price, answer.body.view(), {}, expected_cost(self, *priced.price, entry.server, entry.tool));
  } else if (priced.reserved) {
    auto reserved = priced.reserved->amount();
    if (is_paid(call, answer)) {
      auto taken = std::chrono::duration_cast<std::chrono::microseconds>(now_of(self) - priced.sent_at);
      // Nobody can tell what a call has cost whose end was not seen.
      entry.cost = answer.kind == answer_kind::result ? cost_of(*priced.price, answer.body.view(), taken, reserved)
                                                      : reserved;
    }
    priced.cost = entry.cost;
    result.spent = st.budgets.settle(std::move(*std::exchange(priced.reserved, std::nullopt)), entry.cost, now);
    if (!priced.price->is_fixed() && (st.dearest.size() < most_dearest || st.dearest.contains({entry.server, entry.tool}))) {
      auto& dearest = st.dearest[{entry.server, entry.tool}];
      dearest = std::max(dearest, entry.cost);
    }
  }
  if (!entry.cost.is_none() || !entry.saved.is_none())
    result.entries.push_back(std::move(entry));
  return result;
}

void answer_when_kept(call_path self, reply<rpc_answer> asker, rpc_answer answer, settle_costs costs) {
  auto& st = self->state;
  if (!st.settings.ledger)
    return asker.deliver(std::move(answer));
  if (costs.spent.empty() && costs.entries.front().cost.is_none()) {
    // Nothing was spent; nobody has to wait.
    caf::anon_send(st.settings.ledger, std::move(costs));
    return asker.deliver(std::move(answer));
  }
  auto number = st.held.hold(std::move(asker), std::move(answer), now_of(self));
  auto release = [self, number] {
    self->state.held.release(number);
    check_drained(self);
  };
  self->request(st.settings.ledger, caf::infinite, std::move(costs))
    .then([release](const costs_kept&) { release(); }, [release](const caf::error&) { release(); });
}

} // namespace hub
