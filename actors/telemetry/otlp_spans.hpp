#pragma once

#include "actors/telemetry/call_trace.hpp"

#include <string>
#include <string_view>

namespace hub {

/// Appends the spans of a call as OTLP has them (opentelemetry-proto 1.x, `ScopeSpans.spans`), with the
/// attributes of OpenTelemetry's conventions for MCP. Neither arguments nor results are among them.
void append_spans(std::string& to, const call_trace& x);

/// An `ExportTraceServiceRequest` with spans that `append_spans` wrote.
/// @param service What `service.name` says.
std::string export_request(std::string_view spans, std::string_view service);

} // namespace hub
