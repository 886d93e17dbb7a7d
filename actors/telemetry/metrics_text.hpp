#pragma once

#include "actors/telemetry/call_metrics.hpp"
#include "messages/call.hpp"
#include "messages/supervisor.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// What the hub knows of itself beside its calls.
struct hub_figures {
  hub_status status;
  call_counts calls;
  uint64_t records_dropped = 0;

  /// Traces that the collector has taken, and that were dropped.
  uint64_t traces_sent = 0;
  uint64_t traces_dropped = 0;

  /// News and calls that plugins could not be told, by their names; not more than there are plugins.
  std::vector<std::pair<std::string, uint64_t>> plugins_dropped;
};

/// All metrics in the text format of Prometheus (version 0.0.4). Calls are
/// `mcp_server_operation_duration_seconds` with the attributes of OpenTelemetry's MCP
/// conventions, the hub's own begin with `slm_hub_`. No label holds a session or a user.
std::string prometheus_text(const call_metrics& calls, const hub_figures& hub);

/// Calls by server (`servers`), and by server, method and tool (`calls`), as JSON, for `slm-hub top`
/// and `status`: counts, errors, quantiles, results from the cache, bytes, costs.
std::string calls_json(const call_metrics& calls, const hub_figures& hub);

} // namespace hub
