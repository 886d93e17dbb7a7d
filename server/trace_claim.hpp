#pragma once

#include "messages/json_text.hpp"
#include "messages/trace_context.hpp"

#include <string_view>

namespace hub {

struct http_request;

/// What the `_meta` of a request says of its trace (MCP, SEP-414), as JSON; empty for what it does not say.
struct trace_claim {
  std::string_view traceparent;
  std::string_view tracestate;
  std::string_view baggage;

  /// Takes a member of `_meta`, whatever it is.
  void take(std::string_view key, std::string_view value) noexcept {
    if (key == "traceparent")
      traceparent = value;
    else if (key == "tracestate")
      tracestate = value;
    else if (key == "baggage")
      baggage = value;
  }
};

/// The trace that a request belongs to: as its `_meta` says or else as its headers do; null if it says nothing
/// that can be read.
trace_context_ptr trace_of(const trace_claim& claim, const http_request& request);

/// The trace that the headers of a request name; null for none.
trace_context_ptr trace_of(const http_request& request);

/// The trace of one message of many: as its `_meta` says, or a span of its own in `common`, which may be null.
trace_context_ptr trace_of(const json_text& params, const trace_context_ptr& common);

} // namespace hub
