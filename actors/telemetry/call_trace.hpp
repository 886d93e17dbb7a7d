#pragma once

#include "messages/call_record.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hub {

/// What a span is, by the numbers of OpenTelemetry.
enum class span_kind : uint8_t {
  internal = 1,
  server = 2, ///< A request of a client to the hub.
  client = 3  ///< The hub's request to a server.
};

/// One step of a call.
struct call_span {
  /// Empty for the call as a whole.
  std::string_view name;

  span_kind kind = span_kind::internal;
  call_times::time_point from;
  call_times::time_point to;
};

/// A call that has ended, with its ids and its steps: what is kept of a record. It holds no params.
struct call_trace {
  /// The longest texts from outside that are kept, in bytes.
  static constexpr size_t longest_text = 256;

  /// @param target The tool, the prompt or the URI; empty for none.
  call_trace(const call_record& x, std::string_view target);

  /// Becomes the trace of another call. Its room is used again.
  void assign(const call_record& x, std::string_view target);

  trace_id trace;

  /// The span of the client; 0 if the trace begins at the hub.
  span_id parent = 0;

  /// The call as a whole, and the request to its server.
  span_id whole = 0;
  span_id call = 0;

  /// Whether it is to be sent to a collector.
  bool sampled = true;

  /// When it ended.
  std::chrono::system_clock::time_point at;

  call_times times;
  call_outcome outcome = call_outcome::ok;
  cache_use cache = cache_use::none;
  uint64_t request_bytes = 0;
  uint64_t answer_bytes = 0;
  std::string server;
  std::string method;
  std::string target;
  std::string request;
  std::shared_ptr<const client_context> client;
  std::shared_ptr<const call_origin> origin;

  call_times::time_point began() const noexcept;

  /// When something was by the clock on the wall.
  std::chrono::system_clock::time_point wall_time(call_times::time_point x) const noexcept;

  /// From the request to the answer.
  std::chrono::nanoseconds duration() const noexcept {
    return times.ended - began();
  }

  /// `tools/call git_log`.
  std::string name() const;

  /// Calls `f(const call_span&)` for the call as a whole and then for each step that it took, in their order.
  template <class F>
  void for_each_span(F&& f) const;
};

// -- implementation -----------------------------------------------------------

template <class F>
void call_trace::for_each_span(F&& f) const {
  constexpr call_times::time_point none{};
  auto& t = times;
  f(call_span{{}, span_kind::server, began(), t.ended});
  if (t.admitted == none)
    return;
  if (t.received != none)
    f(call_span{"admission", span_kind::internal, t.received, t.admitted});
  auto looked = t.looked_up != none;
  if (cache == cache_use::shared)
    f(call_span{"shared", span_kind::internal, t.admitted, t.ended});
  else if (looked)
    f(call_span{"cache", span_kind::internal, t.admitted, t.looked_up});
  if (t.start_asked != none)
    f(call_span{"start", span_kind::internal, t.start_asked, t.sent != none ? t.sent : t.ended});
  if (t.sent == none || cache == cache_use::hit || cache == cache_use::shared)
    return;
  auto let_through = t.let_through != none ? t.let_through : t.sent;
  if (t.let_through != none)
    f(call_span{"queue", span_kind::internal, t.sent, let_through});
  auto answered = t.answered != none ? t.answered : t.ended;
  f(call_span{"server", span_kind::client, let_through, answered});
  if (t.answered != none)
    f(call_span{"answer", span_kind::internal, answered, t.ended});
}

} // namespace hub
