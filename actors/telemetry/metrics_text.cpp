#include "actors/telemetry/metrics_text.hpp"

#include "messages/rpc/json_scan.hpp"

#include <array>
#include <cstdio>
#include <string_view>

#include <sys/resource.h>

namespace hub {

namespace {

constexpr std::array states{server_state::disabled, server_state::known,    server_state::queued,
                            server_state::starting, server_state::ready,    server_state::stopping,
                            server_state::backing_off, server_state::failed};

std::string number_text(double x) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", x);
  return text;
}

/// The value of a label: what would end it or the line is escaped.
std::string escaped(std::string_view text) {
  std::string result;
  for (auto c : text) {
    if (c == '\\' || c == '"')
      result += '\\';
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result;
}

/// Labels in braces, with commas.
class labels {
public:
  labels& add(std::string_view name, std::string_view value) {
    text_.append(text_.empty() ? "" : ",").append(name).append("=\"").append(escaped(value)).append("\"");
    return *this;
  }

  std::string str() const {
    return text_.empty() ? "" : "{" + text_ + "}";
  }

private:
  std::string text_;
};

class exposition {
public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ");
    text_.append(type).append("\n");
  }

  void sample(std::string_view name, const labels& of, double value) {
    text_.append(name).append(of.str()).append(" ").append(number_text(value)).append("\n");
  }

  void single(std::string_view name, std::string_view type, std::string_view help, double value) {
    family(name, type, help);
    sample(name, {}, value);
  }

  std::string take() {
    return std::move(text_);
  }

private:
  std::string text_;
};

labels labels_of(const call_metrics::key& x) {
  labels result;
  result.add("mcp_method_name", x.method).add("slm_hub_server", x.server);
  if (!x.tool.empty())
    result.add("gen_ai_tool_name", x.tool);
  return result;
}

void add_calls(exposition& out, const call_metrics& calls) {
  constexpr std::string_view duration = "mcp_server_operation_duration_seconds";
  out.family(duration, "histogram", "Time from the request of a client to its answer");
  for (auto& [key, series] : calls.series()) {
    auto name = std::string{duration};
    for (size_t i = 0; i < duration_histogram::bounds.size(); ++i)
      out.sample(name + "_bucket", labels_of(key).add("le", number_text(duration_histogram::bounds[i])),
                 static_cast<double>(series.durations.up_to(i)));
    out.sample(name + "_bucket", labels_of(key).add("le", "+Inf"), static_cast<double>(series.durations.count()));
    out.sample(name + "_sum", labels_of(key), series.durations.sum_seconds());
    out.sample(name + "_count", labels_of(key), static_cast<double>(series.durations.count()));
  }
  out.family("slm_hub_calls_total", "counter", "Calls by how they ended");
  for (auto& [key, series] : calls.series())
    for (size_t i = 0; i < call_outcome_count; ++i)
      if (series.outcomes[i] > 0)
        out.sample("slm_hub_calls_total", labels_of(key).add("outcome", to_string(static_cast<call_outcome>(i))),
                   static_cast<double>(series.outcomes[i]));
  out.family("slm_hub_request_bytes_total", "counter", "Bytes of the params of calls");
  for (auto& [key, series] : calls.series())
    out.sample("slm_hub_request_bytes_total", labels_of(key), static_cast<double>(series.request_bytes));
  out.family("slm_hub_answer_bytes_total", "counter", "Bytes of the results of calls");
  for (auto& [key, series] : calls.series())
    out.sample("slm_hub_answer_bytes_total", labels_of(key), static_cast<double>(series.answer_bytes));
  out.family("slm_hub_cost_cents_total", "counter", "What calls have cost, in cents");
  for (auto& [key, series] : calls.series())
    if (!series.cost.is_none())
      out.sample("slm_hub_cost_cents_total", labels_of(key), static_cast<double>(series.cost.units()) / money::cent);
  out.family("slm_hub_cache_total", "counter", "Calls that could be cached, by whether a result was there");
  for (auto& [key, series] : calls.series())
    for (auto [use, name] : {std::pair{cache_use::hit, "hit"}, {cache_use::miss, "miss"}, {cache_use::shared, "shared"}})
      if (auto count = series.cache[static_cast<size_t>(use)]; count > 0)
        out.sample("slm_hub_cache_total", labels_of(key).add("result", name), static_cast<double>(count));
  out.family("slm_hub_permission_decisions_total", "counter", "Calls that a permission rule refused or warned of");
  out.sample("slm_hub_permission_decisions_total", labels{}.add("action", "deny"), static_cast<double>(calls.denied()));
  out.sample("slm_hub_permission_decisions_total", labels{}.add("action", "warn"), static_cast<double>(calls.warned()));
}

void add_servers(exposition& out, const hub_status& status) {
  auto of_server = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    out.family(name, type, help);
    for (auto& x : status.servers)
      if (x.session == 0)
        out.sample(name, labels{}.add("server", x.name), static_cast<double>(value(x)));
  };
  of_server("slm_hub_backend_up", "gauge", "Whether the server takes calls",
            [](auto& x) { return x.state == server_state::ready ? 1 : 0; });
  out.family("slm_hub_backend_state", "gauge", "The state of the server: 1 for the one that it is in");
  for (auto& x : status.servers)
    for (auto state : states)
      if (x.session == 0)
        out.sample("slm_hub_backend_state", labels{}.add("server", x.name).add("state", to_string(state)),
                   x.state == state ? 1 : 0);
  of_server("slm_hub_backend_starts_total", "counter", "Starts of the server", [](auto& x) { return x.starts; });
  of_server("slm_hub_backend_crashes_total", "counter", "Ends of the server that nobody asked for",
            [](auto& x) { return x.crashes; });
  of_server("slm_hub_backend_resident_bytes", "gauge", "Resident memory of the server and its children",
            [](auto& x) { return x.resident_bytes; });
  of_server("slm_hub_backend_tools", "gauge", "Tools that are known of the server",
            [](auto& x) { return x.tools < 0 ? 0 : x.tools; });
  out.single("slm_hub_spawn_queue_depth", "gauge", "Servers that wait to be started",
             static_cast<double>(status.starts_queued));
  out.family("slm_hub_predictions_total", "counter", "Predictions of use by whether they came true");
  auto predicted = [&out](const char* data, const char* result, uint64_t count) {
    out.sample("slm_hub_predictions_total", labels{}.add("data", data).add("result", result), static_cast<double>(count));
  };
  predicted("own", "hit", status.predictions_hit);
  predicted("own", "miss", status.predictions_missed);
  predicted("joined", "hit", status.joined_hit);
  predicted("joined", "miss", status.joined_missed);
}

double seconds_of(const timeval& x) {
  return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_usec) / 1e6;
}

} // namespace

std::string prometheus_text(const call_metrics& calls, const hub_figures& hub) {
  exposition out;
  out.family("slm_hub_build_info", "gauge", "The version of the hub");
  out.sample("slm_hub_build_info", labels{}.add("version", HUB_VERSION), 1);
  out.single("slm_hub_uptime_seconds", "gauge", "Since the hub runs", static_cast<double>(hub.status.uptime_seconds));
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  out.single("process_cpu_seconds_total", "counter", "Processor time of the hub, without its servers",
             seconds_of(used.ru_utime) + seconds_of(used.ru_stime));
  out.single("slm_hub_calls_in_flight", "gauge", "Calls that are not answered yet",
             static_cast<double>(hub.calls.in_flight));
  out.single("slm_hub_records_dropped_total", "counter", "Ends of calls that could not be counted here",
             static_cast<double>(hub.records_dropped));
  out.single("slm_hub_traces_sent_total", "counter", "Calls whose spans the collector has taken",
             static_cast<double>(hub.traces_sent));
  out.single("slm_hub_traces_dropped_total", "counter", "Calls whose spans could not be sent to the collector",
             static_cast<double>(hub.traces_dropped));
  out.family("slm_hub_plugin_dropped_total", "counter", "News and ends of calls that the plugin could not be told");
  for (auto& [plugin, count] : hub.plugins_dropped)
    out.sample("slm_hub_plugin_dropped_total", labels{}.add("plugin", plugin), static_cast<double>(count));
  add_calls(out, calls);
  add_servers(out, hub.status);
  return out.take();
}

namespace {

/// The members that tell what calls have come to, each with a comma before it.
std::string members_of(const call_series& x) {
  auto result = ",\"calls\":" + std::to_string(x.calls()) + ",\"errors\":" + std::to_string(x.errors());
  for (auto [name, share] : {std::pair{"p50_ms", .5}, {"p95_ms", .95}, {"p99_ms", .99}})
    result += ",\"" + std::string{name} + "\":" + number_text(x.durations.quantile(share) * 1000);
  result += ",\"cache_hits\":"
            + std::to_string(x.cache[static_cast<size_t>(cache_use::hit)] + x.cache[static_cast<size_t>(cache_use::shared)]);
  return result + ",\"request_bytes\":" + std::to_string(x.request_bytes) + ",\"answer_bytes\":" + std::to_string(x.answer_bytes)
         + ",\"cost_cents\":" + to_string(x.cost);
}

} // namespace

std::string calls_json(const call_metrics& calls, const hub_figures& hub) {
  auto result = "{\"in_flight\":" + std::to_string(hub.calls.in_flight) + ",\"servers\":[";
  auto comma = "";
  for (auto& [server, series] : calls.by_server()) {
    result += comma + ("{\"server\":" + rpc::quote(server)) + members_of(series) + "}";
    comma = ",";
  }
  result += "],\"calls\":[";
  comma = "";
  for (auto& [key, series] : calls.series()) {
    result += comma + ("{\"server\":" + rpc::quote(key.server)) + ",\"method\":" + rpc::quote(key.method)
              + ",\"tool\":" + rpc::quote(key.tool) + members_of(series) + "}";
    comma = ",";
  }
  return result + "]}";
}

} // namespace hub
