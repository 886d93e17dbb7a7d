// Calls that may go to one of several tools: the cheapest that works and may be paid.

#include "actors/call/call_path.hpp"

#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace hub {

namespace {

/// How long a tool that failed is tried after the others.
constexpr std::chrono::seconds avoidance{60};

/// The tools that are remembered to have failed.
constexpr size_t most_failed = 1'000;

/// Of a text that says why, the most that is told.
constexpr size_t longest_reason = 300;

std::string name_of(const call_choice& x) {
  return x.server + "__" + x.tool;
}

money cost_of_choice(call_path self, const call_choice& x) {
  return x.price ? expected_cost(self, *x.price, x.server, x.tool) : money{};
}

/// Makes a call one of a certain tool.
cache_rule_ptr choose(open_call& call, size_t place) {
  auto& choice = call.cascade->choices->tools[place];
  call.server = choice.server;
  call.request.params = choice.params;
  call.isolated = choice.isolated;
  call.rule = choice.rule;
  call.priced = nullptr;
  if (choice.price) {
    call.priced = std::make_unique<priced_call>();
    call.priced->price = choice.price;
  }
  return choice.cache_rule;
}

/// Why a try was none; empty if it counts.
std::string reason_of(const open_call& call, const rpc_answer& answer) {
  if (call.priced && call.priced->refused)
    return "over budget";
  switch (answer.kind) {
    case answer_kind::failure:
      // What a plugin denies is not tried in another way.
      if (answer.why && (answer.why->what == failure::kind::shutting_down || answer.why->what == failure::kind::denied))
        return "";
      return answer.why ? answer.why->cause : "";
    case answer_kind::error:
      return "error " + std::string{rpc::member(answer.body.view(), "code")};
    case answer_kind::result:
      break;
    default:
      return "";
  }
  if (rpc::member(answer.body.view(), "isError") != "true")
    return "";
  std::string text;
  rpc::for_each_element(rpc::member(answer.body.view(), "content"), [&](std::string_view block) {
    text = rpc::unquote(rpc::member(block, "text")).value_or("");
    return text.empty();
  });
  return text.empty() ? "tool error" : text.substr(0, longest_reason);
}

} // namespace

cache_rule_ptr begin_cascade(call_path self, open_call& call, std::shared_ptr<const call_choices> choices) {
  auto& st = self->state;
  call.cascade = std::make_unique<cascading_call>();
  auto& cascade = *call.cascade;
  cascade.choices = std::move(choices);
  auto& tools = cascade.choices->tools;
  auto called = cascade.choices->called;
  if (!cascade.choices->may_fall)
    return tools[called].cache_rule;
  ++st.cascading;
  cascade.order.resize(tools.size());
  std::iota(cascade.order.begin(), cascade.order.end(), size_t{0});
  auto now = now_of(self);
  std::erase_if(st.failed_tools, [now](auto& x) { return x.second <= now; });
  std::ranges::stable_sort(cascade.order, std::ranges::less{}, [&](size_t place) {
    auto& x = tools[place];
    return std::tuple{st.failed_tools.contains({x.server, x.tool}), cost_of_choice(self, x), place != called};
  });
  return choose(call, cascade.order[cascade.next++]);
}

bool fall_to_next(call_path self, call_id id, open_call& call, const rpc_answer& answer) {
  auto& st = self->state;
  auto& cascade = *call.cascade;
  if (cascade.next >= cascade.order.size() || st.draining || call.input || call.was_asked || now_of(self) >= call.deadline)
    return false;
  auto reason = reason_of(call, answer);
  if (reason.empty())
    return false;
  auto& failed = cascade.choices->tools[cascade.order[cascade.next - 1]];
  cascade.tried += std::string{cascade.tried.empty() ? "" : ","} + R"({"tool":)" + rpc::quote(name_of(failed)) + R"(,"why":)"
                   + rpc::quote(reason) + '}';
  if (!(call.priced && call.priced->refused) && st.failed_tools.size() < most_failed)
    st.failed_tools[{failed.server, failed.tool}] = now_of(self) + avoidance;
  if (call.priced)
    if (auto costs = settle_cost(self, call, answer); !costs.entries.empty() && st.settings.ledger)
      caf::anon_send(st.settings.ledger, std::move(costs));
  tell_end(self, call, answer);
  if (call.cached)
    end_cached(self, call, answer);
  leave_run(self, call, call.sent);
  call.cached = nullptr;
  call.cache = cache_use::none;
  call.request.may_be_joined = false;
  call.sent = false;
  call.tries = 0;
  call.started = now_of(self);
  admit(self, id, call, choose(call, cascade.order[cascade.next++]));
  return true;
}

std::string cascade_meta(const open_call& call) {
  auto& cascade = *call.cascade;
  auto& now = cascade.choices->tools[cascade.order[cascade.next - 1]];
  return R"({"name":)" + rpc::quote(cascade.choices->name) + R"(,"tool":)" + rpc::quote(name_of(now)) + R"(,"tried":[)"
         + cascade.tried + "]}";
}

std::string equivalents_text(call_path self, const open_call& call, money wanted) {
  if (!call.cascade)
    return " No cheaper equivalent is known.";
  auto& cascade = *call.cascade;
  if (cascade.choices->may_fall)
    return cascade.next < cascade.order.size() ? "" : " The hub has no other tool of the cascade " + cascade.choices->name + " to try.";
  auto fails = [&failed = self->state.failed_tools, now = now_of(self)](const call_choice& x) {
    auto found = failed.find({x.server, x.tool});
    return found != failed.end() && found->second > now;
  };
  std::string names;
  for (auto& x : cascade.choices->tools)
    if (auto cost = cost_of_choice(self, x); cost < wanted && !fails(x))
      names += (names.empty() ? "" : ", ") + name_of(x) + " (" + cents_text(cost) + ")";
  return names.empty() ? " No cheaper equivalent is known." : " Cheaper equivalents: " + names + ".";
}

} // namespace hub
