// A request with lines for the headers of its trace, and with `_meta` that says something of it, too.
#include "messages/rpc/json_scan.hpp"
#include "messages/percent_text.hpp"
#include "messages/trace_context.hpp"
#include "server/http_request.hpp"
#include "server/trace_claim.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace hub;
using hub::fuzz::require;

namespace {

std::string_view take_line(std::string_view& text) {
  auto end = std::min(text.find('\n'), text.size());
  auto result = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return result;
}

/// What goes on to a server says the same.
void check(const trace_context& x) {
  require(static_cast<bool>(x.trace) && x.parent != 0 && x.call != 0, "a trace and its spans have ids");
  require(x.state.size() <= longest_tracestate && x.baggage.size() <= longest_baggage, "what goes along has its bounds");
  auto told = traceparent_of(x);
  require(is_header_text(told), "it may be a header");
  auto heard = read_traceparent(told);
  require(heard && heard->trace == x.trace && heard->parent == x.call && heard->sampled() == x.sampled(), "a server hears of the same trace");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  http_request request;
  request.traceparent = take_line(text);
  request.tracestate = take_line(text);
  request.baggage = take_line(text);
  if (auto alone = read_traceparent(request.traceparent))
    check(*alone);
  auto common = trace_of(request);
  if (common)
    check(*common);
  json_text params{std::string{text}};
  auto own = trace_of(params, common);
  require(own || !common, "a message of a request with a trace has one");
  if (own)
    check(*own);
  trace_claim claim;
  rpc::for_each_member(rpc::member(text, "_meta"), [&claim](const rpc::json_member& x) {
    claim.take(x.key, x.value);
    return true;
  });
  if (auto claimed = trace_of(claim, request))
    check(*claimed);
  require(percent_decode(percent_encode(text)) == text, "a part of a URI leads back");
  if (auto plain = percent_decode(text))
    require(percent_decode(percent_encode(*plain)) == plain, "a part of a URI leads back");
  return 0;
}
