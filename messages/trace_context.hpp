#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// Names a trace: 128 bits, not all of them zero (W3C Trace Context, section 3.2.2.3).
struct trace_id {
  uint64_t high = 0;
  uint64_t low = 0;

  explicit operator bool() const noexcept {
    return (high | low) != 0;
  }

  auto operator<=>(const trace_id&) const = default;
};

/// Names a span of a trace; 0 is none.
using span_id = uint64_t;

/// Ids that nobody has: random, from a generator of this thread that was seeded by the system. They
/// are no secrets.
trace_id new_trace_id() noexcept;
span_id new_span_id() noexcept;

/// 32 small hex digits.
std::string to_string(const trace_id& x);

/// 16 small hex digits.
std::string span_text(span_id x);

/// The trace that a request belongs to. It is made only for requests that brought one along, or if
/// traces are sent to a collector; for others the ids are made when somebody looks.
struct trace_context {
  trace_id trace;

  /// The span of the client that made the request; 0 if the trace begins at the hub.
  span_id parent = 0;

  /// The span of the hub's request to the server, which the server is told of.
  span_id call = 0;

  /// The lowest bit says that somebody records this trace.
  uint8_t flags = 0;

  /// `tracestate` and `baggage` as they came; empty for none.
  std::string state = {};
  std::string baggage = {};

  bool sampled() const noexcept {
    return (flags & 1) != 0;
  }
};

using trace_context_ptr = std::shared_ptr<const trace_context>;

/// A trace that begins at the hub.
trace_context_ptr begin_trace(bool sampled);

/// Reads a `traceparent`, of version 00 or of a later one as far as it is known (W3C Trace Context,
/// section 3.2 and 4.3); nothing if it is none. The hub's own span is made.
std::optional<trace_context> read_traceparent(std::string_view text);

/// The `traceparent` by which a server hears of the hub's request to it.
std::string traceparent_of(const trace_context& x);

/// Whether a text may be a header of HTTP as it is.
bool is_header_text(std::string_view text) noexcept;

/// The longest `tracestate`, and the longest `baggage`, that is taken from a header, in bytes.
inline constexpr size_t longest_tracestate = 2048;
inline constexpr size_t longest_baggage = 8192;

} // namespace hub
