#include "actors/call/call_audit.hpp"

#include "messages/rpc/json_scan.hpp"

#include <utility>

namespace hub {

namespace {

/// A larger result is not searched for what it says about itself.
constexpr size_t searched_result = 16 * 1024;

call_outcome outcome_of(const open_call& call, const rpc_answer& answer) {
  switch (answer.kind) {
    case answer_kind::error:
      return call_outcome::error;
    case answer_kind::failure:
      return call_outcome::failed;
    case answer_kind::cancelled:
      return call_outcome::cancelled;
    default:
      break;
  }
  auto says_so = call.request.method == "tools/call" && answer.body.size() <= searched_result
                 && rpc::member(answer.body.view(), "isError") == "true";
  return says_so ? call_outcome::tool_error : call_outcome::ok;
}

} // namespace

bool call_audit::note(const open_call& call, const rpc_answer& answer, int64_t microseconds) {
  bytes_ += call.request.params.size();
  records_.push_back({std::chrono::system_clock::now(), call.request.client, call.origin, call.server,
                      call.request.method, call.request.params, outcome_of(call, answer), microseconds, call.rule});
  return records_.size() >= batch_size || bytes_ >= batch_bytes;
}

std::vector<audit_record> call_audit::take(audit_gauge& gauge) {
  auto result = std::exchange(records_, {});
  if (!gauge.enter(result.size(), std::exchange(bytes_, 0)))
    result.clear();
  return result;
}

} // namespace hub
