#include "actors/telemetry/call_metrics.hpp"
#include "actors/telemetry/metrics_text.hpp"

#include "actors/policy/permission_memo.hpp"
#include "messages/policy.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hub;

TEST_SUITE_BEGIN("telemetry");

namespace {

call_record record_of(std::string server, const std::string& tool, call_outcome outcome = call_outcome::ok,
                      int64_t microseconds = 1500) {
  call_record x;
  x.server = std::move(server);
  x.method = "tools/call";
  x.params = json_text{R"({"name":")" + tool + R"(","arguments":{}})"};
  x.outcome = outcome;
  x.microseconds = microseconds;
  x.answer_bytes = 10;
  return x;
}

/// Counts a call as the telemetry does.
void add(call_metrics& to, const call_record& x) {
  std::string holder;
  to.add(x, called_tool(x.params.view(), holder).value_or(""));
}

bool has(const std::string& text, const std::string& line) {
  return text.find(line + "\n") != std::string::npos;
}

} // namespace

TEST_CASE("a histogram counts what took at most so long, and tells quantiles about right") {
  duration_histogram x;
  CHECK(x.quantile(.5) == 0);
  for (int i = 0; i < 90; ++i)
    x.add(1500);
  for (int i = 0; i < 10; ++i)
    x.add(700'000);
  CHECK(x.up_to(0) == 0);
  CHECK(x.up_to(1) == 90);
  CHECK(x.count() == 100);
  CHECK(x.sum_seconds() == doctest::Approx(90 * .0015 + 7));
  CHECK(x.quantile(.5) > .001);
  CHECK(x.quantile(.5) <= .005);
  CHECK(x.quantile(.99) > .5);
  CHECK(x.quantile(.99) <= 1);
  x.add(1'000'000'000);
  CHECK(x.quantile(1) == 300);
}

TEST_CASE("calls are counted by server and tool, with how they ended") {
  call_metrics metrics;
  add(metrics, record_of("git", "log"));
  add(metrics, record_of("git", "log", call_outcome::tool_error));
  add(metrics, record_of("git", "push", call_outcome::denied, 0));
  auto text = prometheus_text(metrics, {});
  auto of = [](const std::string& tool) {
    return R"({mcp_method_name="tools/call",slm_hub_server="git",gen_ai_tool_name=")" + tool + "\"";
  };
  CHECK(has(text, "slm_hub_calls_total" + of("log") + R"(,outcome="ok"} 1)"));
  CHECK(has(text, "slm_hub_calls_total" + of("log") + R"(,outcome="tool_error"} 1)"));
  CHECK(has(text, "slm_hub_calls_total" + of("push") + R"(,outcome="denied"} 1)"));
  CHECK(has(text, "mcp_server_operation_duration_seconds_count" + of("log") + "} 2"));
  CHECK(has(text, "mcp_server_operation_duration_seconds_bucket" + of("log") + R"(,le="+Inf"} 2)"));
  CHECK(has(text, "slm_hub_answer_bytes_total" + of("log") + "} 20"));
  CHECK(has(text, R"(slm_hub_permission_decisions_total{action="deny"} 1)"));
}

TEST_CASE("what calls have cost is added up exactly") {
  call_metrics metrics;
  auto x = record_of("exa", "search");
  x.cost = *money::parse("0.1");
  for (int i = 0; i < 3; ++i)
    add(metrics, x);
  add(metrics, record_of("git", "log"));
  auto text = prometheus_text(metrics, {});
  CHECK(has(text, R"(slm_hub_cost_cents_total{mcp_method_name="tools/call",slm_hub_server="exa",gen_ai_tool_name="search"} 0.3)"));
  CHECK(text.find(R"(slm_hub_cost_cents_total{mcp_method_name="tools/call",slm_hub_server="git")") == std::string::npos);
  CHECK(calls_json(metrics, {}).find(R"("cost_cents":0.3})") != std::string::npos);
}

TEST_CASE("what the calls of a server have come to is the sum of its tools") {
  call_metrics metrics;
  auto slow = record_of("git", "log");
  slow.microseconds = 900'000;
  auto x = record_of("git", "push");
  x.microseconds = 400;
  for (int i = 0; i < 9; ++i)
    add(metrics, x);
  add(metrics, slow);
  add(metrics, record_of("exa", "search"));
  auto servers = metrics.by_server();
  REQUIRE(servers.size() == 2);
  auto& git = servers.at("git");
  CHECK(git.calls() == 10);
  CHECK(git.answer_bytes == 9 * x.answer_bytes + slow.answer_bytes);
  CHECK(git.durations.quantile(.5) < 0.001);
  CHECK(git.durations.quantile(.99) > 0.5);
  CHECK(calls_json(metrics, {}).find(R"({"server":"git","calls":10,"errors":0,"p50_ms":)") != std::string::npos);
}

TEST_CASE("names that clients make up do not fill the table") {
  call_metrics metrics;
  for (int i = 0; i < 10'000; ++i)
    add(metrics, record_of("git", "made_up_" + std::to_string(i), call_outcome::error));
  for (int i = 0; i < 10'000; ++i)
    add(metrics, record_of("server" + std::to_string(i), "x"));
  add(metrics, record_of("git", std::string(100'000, 'x')));
  CHECK(metrics.series().size() <= call_metrics::tools_of_server + call_metrics::most_servers + 2);
  uint64_t calls = 0;
  for (auto& [key, series] : metrics.series())
    calls += series.calls();
  CHECK(calls == 20'001);
}

TEST_CASE("a name cannot write a line or a label of its own") {
  call_metrics metrics;
  auto x = record_of("git", "a");
  x.params = json_text{R"({"name":"a\"} 1\nslm_hub_evil 1"})"};
  add(metrics, x);
  auto text = prometheus_text(metrics, {});
  CHECK(text.find("\nslm_hub_evil") == std::string::npos);
  CHECK(text.find(R"(gen_ai_tool_name="a\"} 1\nslm_hub_evil 1")") != std::string::npos);
}

TEST_CASE("servers are told with their state, and plugins with what they missed") {
  hub_figures hub;
  hub.plugins_dropped = {{"guard", 7}};
  server_status server;
  server.name = "git";
  server.state = server_state::ready;
  server.starts = 3;
  hub.status.servers.push_back(server);
  auto text = prometheus_text({}, hub);
  CHECK(has(text, R"(slm_hub_backend_up{server="git"} 1)"));
  CHECK(has(text, R"(slm_hub_backend_state{server="git",state="ready"} 1)"));
  CHECK(has(text, R"(slm_hub_backend_state{server="git",state="failed"} 0)"));
  CHECK(has(text, R"(slm_hub_backend_starts_total{server="git"} 3)"));
  CHECK(has(text, R"(slm_hub_plugin_dropped_total{plugin="guard"} 7)"));
}
