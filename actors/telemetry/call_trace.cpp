#include "actors/telemetry/call_trace.hpp"

namespace hub {

namespace {

/// At most `call_trace::longest_text` bytes, and no part of a character.
std::string_view cut(std::string_view text) noexcept {
  if (text.size() <= call_trace::longest_text)
    return text;
  auto size = call_trace::longest_text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
    --size;
  return text.substr(0, size);
}

} // namespace

call_trace::call_trace(const call_record& x, std::string_view wanted) {
  assign(x, wanted);
}

void call_trace::assign(const call_record& x, std::string_view wanted) {
  at = x.at;
  times = x.times;
  outcome = x.outcome;
  cache = x.cache;
  request_bytes = x.params.size();
  answer_bytes = x.answer_bytes;
  server = x.server;
  method = cut(x.method);
  target = cut(wanted);
  request = cut(x.request);
  // Counting who holds them is what costs; mostly they are the same as before.
  if (client != x.client)
    client = x.client;
  if (origin != x.origin)
    origin = x.origin;
  trace = x.trace ? x.trace->trace : new_trace_id();
  parent = x.trace ? x.trace->parent : 0;
  call = x.trace ? x.trace->call : new_span_id();
  sampled = !x.trace || x.trace->sampled();
  whole = new_span_id();
}

call_times::time_point call_trace::began() const noexcept {
  constexpr call_times::time_point none{};
  return times.received != none ? times.received : times.admitted != none ? times.admitted : times.ended;
}

std::chrono::system_clock::time_point call_trace::wall_time(call_times::time_point x) const noexcept {
  return at - std::chrono::duration_cast<std::chrono::system_clock::duration>(times.ended - x);
}

std::string call_trace::name() const {
  return target.empty() ? method : method + " " + target;
}

} // namespace hub
