#include "actors/telemetry/telemetry.hpp"

#include "actors/call/call_log.hpp"
#include "actors/policy/permission_memo.hpp"
#include "actors/telemetry/metrics_text.hpp"
#include "actors/telemetry/otlp_spans.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace hub {

namespace {

using pointer = telemetry_actor::stateful_pointer<telemetry_state>;

/// How often it is looked whether something is to be sent.
constexpr std::chrono::milliseconds tick_length{200};

/// How many calls are listed if nobody says it.
constexpr size_t usual_limit = 20;

span_export::time_point now_of(pointer self) {
  return span_export::time_point{self->clock().now().time_since_epoch()};
}

/// Asks the parts of the hub how they are, and answers with what `write` makes of it.
caf::result<report> tell(pointer self, std::function<report(const hub_figures&)> write) {
  struct collection {
    reply<report> asker;
    hub_figures hub;
    std::function<report(const hub_figures&)> write;

    ~collection() {
      asker.deliver(write(hub));
    }
  };
  auto& settings = self->state.settings;
  auto promise = self->make_response_promise<report>();
  auto all = std::make_shared<collection>();
  all->asker = reply<report>{promise};
  all->write = std::move(write);
  all->hub.records_dropped = settings.gauge->dropped;
  all->hub.traces_sent = self->state.spans.sent();
  all->hub.traces_dropped = self->state.spans.dropped();
  if (auto plugins = settings.plugins ? settings.plugins->gauges.load() : nullptr)
    for (auto& [name, x] : *plugins)
      all->hub.plugins_dropped.emplace_back(name, x->dropped.load());
  auto gone = [all](const caf::error&) {
    // The hub ends; what is known is told.
  };
  self->request(settings.supervisor, caf::infinite, get_status{})
    .then([all](hub_status& x) { all->hub.status = std::move(x); }, gone);
  if (auto& path = self->state.path)
    self->request(path, caf::infinite, get_call_counts{})
      .then([all](const call_counts& x) { all->hub.calls = x; }, gone);
  return promise;
}

// -- traces -------------------------------------------------------------------------

/// The value of the item of a query that starts with `key`; empty if there is none.
std::string_view item_of(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    auto end = query.find('&');
    auto item = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (item.starts_with(key))
      return item.substr(key.size());
  }
  return {};
}

report refusal(int status, std::string_view error, std::string_view fix) {
  return {status, "application/json", R"({"error":)" + rpc::quote(error) + R"(,"fix":)" + rpc::quote(fix) + "}"};
}

/// How the sending goes, as the last member of an object.
std::string export_member(const telemetry_state& st) {
  if (!st.settings.to)
    return R"(,"export":null)";
  auto& x = st.spans;
  return R"(,"export":{"url":)" + rpc::quote(st.settings.to->url) + R"(,"works":)" + (x.works() ? "true" : "false")
         + R"(,"sent":)" + std::to_string(x.sent()) + R"(,"dropped":)" + std::to_string(x.dropped()) + "}";
}

report tell_traces(const telemetry_state& st, std::string_view query) {
  if (auto id = item_of(query, "id="); !id.empty()) {
    auto found = st.traces.find(id);
    if (auto* calls = std::get_if<std::vector<const call_trace*>>(&found))
      return {200, "application/json", trace_json(*calls)};
    if (std::get<trace_store::match>(found) == trace_store::match::several)
      return refusal(409, "Several traces have an id that begins so", "Give more of it");
    return refusal(404, "No trace with this id is kept",
                   "`slm-hub trace` lists those that are: the last " + std::to_string(trace_store::capacity) + " calls");
  }
  auto limit = usual_limit;
  auto text = item_of(query, "limit=");
  std::from_chars(text.data(), text.data() + text.size(), limit);
  auto list = traces_json(st.traces.newest(std::min(limit, trace_store::capacity)));
  list.pop_back();
  return {200, "application/json", list + export_member(st) + "}"};
}

// -- sending --------------------------------------------------------------------------

void send_due(pointer self);

void keep_ticking(pointer self) {
  auto& st = self->state;
  if (st.ticking || st.spans.empty() || st.spans.on_the_way())
    return;
  st.ticking = true;
  self->delayed_send(self, tick_length, telemetry_tick{});
}

void check_settled(pointer self) {
  auto& st = self->state;
  if (!st.settling || !st.spans.empty())
    return;
  st.settling->deliver(records_settled{});
  st.settling.reset();
}

/// The collector has answered, or could not be reached.
void take_answer(pointer self, const web_answer& x) {
  auto& st = self->state;
  auto worked = st.spans.works();
  st.spans.on_answer(x.status, now_of(self));
  if (worked && !st.spans.works())
    spdlog::warn("the collector {} does not take traces: {}; calls go on, and what does not fit is dropped",
                 st.settings.to->url, x.status == 0 ? x.cause : "it answered with status " + std::to_string(x.status));
  else if (!worked && st.spans.works())
    spdlog::info("the collector {} takes traces again; {} were dropped so far", st.settings.to->url, st.spans.dropped());
  send_due(self);
}

void send_due(pointer self) {
  auto& st = self->state;
  if (!st.settings.to)
    return check_settled(self);
  auto& to = *st.settings.to;
  if (auto spans = st.spans.next(now_of(self))) {
    web_request request{"POST", to.url, to.headers, export_request(*spans, to.service), false};
    request.headers.emplace_back("Content-Type", "application/x-protobuf");
    self->request(to.web, caf::infinite, fetch_document{"", std::move(request)})
      .then([self](const web_answer& x) { take_answer(self, x); },
            [self](const caf::error&) { take_answer(self, {0, {}, {}, "the hub ends"}); });
  }
  check_settled(self);
  keep_ticking(self);
}

// -- records --------------------------------------------------------------------------

/// What a request is about: a tool, a prompt or a resource; empty for none.
std::string_view target_of(const call_record& x, std::string& holder) {
  auto params = x.params.view();
  if (x.method == "tools/call")
    return called_tool(params, holder).value_or("");
  auto key = x.method == "prompts/get" ? "name" : x.method.starts_with("resources/") ? "uri" : "";
  if (*key == '\0')
    return {};
  holder = rpc::unquote(rpc::member(params, key)).value_or("");
  return holder;
}

/// A line for each call, for those who want to see them all.
void log(const call_trace& x) {
  call_log(x.request, x.trace)
    ->debug("{} at server {} for client {}: {} after {:.1f} ms", x.name(), x.server,
            x.client ? rpc::quote(x.client->name) : "(unknown)", to_string(x.outcome),
            std::chrono::duration<double, std::milli>(x.duration()).count());
}

void take(pointer self, const calls_ended& x) {
  auto& st = self->state;
  auto now = now_of(self);
  auto logs = spdlog::should_log(spdlog::level::debug);
  std::string holder;
  for (auto& record : *x.records) {
    auto target = target_of(record, holder);
    st.calls.add(record, record.method == "tools/call" ? target : std::string_view{});
    auto& trace = st.traces.add(record, target);
    if (st.settings.to && trace.sampled)
      st.spans.add(trace, now);
    if (logs)
      log(trace);
  }
  st.settings.gauge->leave(x.records->size(), weight_of(*x.records));
  send_due(self);
}

} // namespace

telemetry_actor::behavior_type telemetry(pointer self, telemetry_settings settings) {
  self->state.settings = std::move(settings);
  return {
    [self](const calls_ended& x) { take(self, x); },
    [self](const meet_calls& x) { self->state.path = x.calls; },
    [self](telemetry_tick) {
      self->state.ticking = false;
      send_due(self);
    },
    [self](const requests_refused& x) { self->state.settings.gauge->leave(x.refusals.size(), 0); },
    [self](settle_records) -> caf::result<records_settled> {
      auto promise = self->make_response_promise<records_settled>();
      self->state.settling.emplace(promise);
      self->state.spans.hurry();
      send_due(self);
      return promise;
    },
    [self](const get_report& x) -> caf::result<report> {
      if (x.what == "metrics")
        return tell(self, [self](const hub_figures& hub) {
          return report{200, "text/plain; version=0.0.4; charset=utf-8", prometheus_text(self->state.calls, hub)};
        });
      if (x.what == "calls")
        return tell(self, [self](const hub_figures& hub) {
          return report{200, "application/json", calls_json(self->state.calls, hub)};
        });
      if (x.what == "traces")
        return tell_traces(self->state, x.query);
      return refusal(404, "There is no such report", "Ask for metrics, calls or traces");
    },
  };
}

} // namespace hub
