#include "server/trace_claim.hpp"

#include "messages/rpc/json_scan.hpp"
#include "server/http_request.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace hub {

namespace {

trace_context_ptr read(const trace_claim& claim) {
  if (claim.traceparent.empty())
    return nullptr;
  auto text = rpc::unquote(claim.traceparent);
  auto result = text ? read_traceparent(*text) : std::nullopt;
  if (!result)
    return nullptr;
  // They go on in `_meta` whatever they are; here they are for headers.
  auto take = [](std::string& to, std::string_view json, size_t longest) {
    if (json.size() <= longest)
      to = rpc::unquote(json).value_or("");
  };
  take(result->state, claim.tracestate, longest_tracestate);
  take(result->baggage, claim.baggage, longest_baggage);
  return std::make_shared<const trace_context>(std::move(*result));
}

} // namespace

trace_context_ptr trace_of(const http_request& request) {
  if (request.traceparent.empty())
    return nullptr;
  auto result = read_traceparent(trimmed(request.traceparent));
  if (!result)
    return nullptr;
  if (request.tracestate.size() <= longest_tracestate)
    result->state = request.tracestate;
  if (request.baggage.size() <= longest_baggage)
    result->baggage = request.baggage;
  return std::make_shared<const trace_context>(std::move(*result));
}

trace_context_ptr trace_of(const trace_claim& claim, const http_request& request) {
  auto result = read(claim);
  return result ? result : trace_of(request);
}

trace_context_ptr trace_of(const json_text& params, const trace_context_ptr& common) {
  trace_claim claim;
  rpc::for_each_member(rpc::member(params.view(), "_meta"), [&claim](const rpc::json_member& x) {
    claim.take(x.key, x.value);
    return true;
  });
  if (auto own = read(claim))
    return own;
  if (!common)
    return nullptr;
  auto result = *common;
  result.call = new_span_id();
  return std::make_shared<const trace_context>(std::move(result));
}

} // namespace hub
