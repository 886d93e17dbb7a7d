#pragma once

#include "actors/telemetry/call_trace.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace hub {

/// Writes the spans of calls as OTLP has them (opentelemetry-proto 1.x, `ScopeSpans.spans`), with the attributes of
/// OpenTelemetry's conventions for MCP. Neither arguments nor results are among them. What spans say of a client
/// and of a tool is written once and copied.
class otlp_spans {
public:
  /// Of how many clients, and of how many tools, that is remembered.
  static constexpr size_t clients_kept = 64;
  static constexpr size_t subjects_kept = 64;

  /// Appends the spans of a call.
  void append(std::string& to, const call_trace& x);

private:
  /// The attributes of a client. It holds those whom it is about, so that no others get their addresses.
  struct client_attributes {
    std::shared_ptr<const call_origin> origin;
    std::shared_ptr<const client_context> client;
    std::string text;
  };

  /// What spans say of what was called and how it ended.
  struct subject_fields {
    std::string server;
    std::string method;
    std::string target;
    call_outcome outcome = call_outcome::ok;
    cache_use cache = cache_use::none;

    /// The name of the call as a field of a span.
    std::string name;

    /// Attributes and the status, of the call as a whole and of the request to its server; and what only the
    /// first has.
    std::string common;
    std::string whole;
  };

  const std::string& client_of(const call_trace& x);
  const subject_fields& subject_of(const call_trace& x);

  std::array<client_attributes, clients_kept> clients_;
  std::array<subject_fields, subjects_kept> subjects_;

  /// The attributes that each call has anew.
  std::string own_;
};

/// An `ExportTraceServiceRequest` with spans that `otlp_spans` wrote.
/// @param service What `service.name` says.
std::string export_request(std::string_view spans, std::string_view service);

} // namespace hub
