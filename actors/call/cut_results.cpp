// What the call path has to do with results that are too large for their clients.

#include "actors/call/call_path.hpp"

#include "messages/rpc/json_scan.hpp"

#include <memory>
#include <utility>

namespace hub {

bool is_too_large(call_path self, const open_call& call, const rpc_answer& answer) {
  return call.result_limit > 0 && answer.body.size() > call.result_limit && answer.kind == answer_kind::result
         && call.request.method == "tools/call" && self->state.settings.results
         // A client that says so takes all of it.
         && rpc::member(rpc::member(call.request.params.view(), "_meta"), "hub/whole_result") != "true";
}

void cut_and_deliver(call_path self, open_call& call, rpc_answer answer, settle_costs costs) {
  auto& st = self->state;
  struct owed_answer {
    reply<rpc_answer> asker;
    rpc_answer answer;
    settle_costs costs;
  };
  auto owed = std::make_shared<owed_answer>(owed_answer{std::move(call.asker), std::move(answer), std::move(costs)});
  auto deliver = [self, owed] {
    --self->state.cutting;
    deliver_answer(self, std::move(owed->asker), std::move(owed->answer), std::move(owed->costs));
    check_drained(self);
  };
  ++st.cutting;
  auto door = call.origin ? std::string_view{call.origin->door} : std::string_view{};
  cut_result wish{result_owner(call.request.client.get(), door), owed->answer.body,
                  {call.result_limit, st.settings.result_head},
                  // Through `hub__call_tool` the client knows no schema of it.
                  !call.tell_as_tool_result};
  self->request(st.settings.results, caf::infinite, std::move(wish))
    .then(
      [owed, deliver](result_cut& x) {
        owed->answer.body = std::move(x.result);
        deliver();
      },
      // Whole is better than not at all.
      [deliver](const caf::error&) { deliver(); });
}

} // namespace hub
