#include "actors/telemetry/telemetry.hpp"

#include "actors/telemetry/metrics_text.hpp"
#include "messages/reply.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace hub {

namespace {

using pointer = telemetry_actor::stateful_pointer<telemetry_state>;

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

} // namespace

telemetry_actor::behavior_type telemetry(pointer self, telemetry_settings settings) {
  self->state.settings = std::move(settings);
  return {
    [self](const calls_ended& x) {
      auto& st = self->state;
      for (auto& record : *x.records)
        st.calls.add(record);
      st.settings.gauge->leave(x.records->size(), weight_of(*x.records));
    },
    [self](const meet_calls& x) { self->state.path = x.calls; },
    [self](const requests_refused& x) { self->state.settings.gauge->leave(x.refusals.size(), 0); },
    [self](const get_report& x) -> caf::result<report> {
      if (x.what == "metrics")
        return tell(self, [self](const hub_figures& hub) {
          return report{200, "text/plain; version=0.0.4; charset=utf-8", prometheus_text(self->state.calls, hub)};
        });
      if (x.what == "calls")
        return tell(self, [self](const hub_figures& hub) {
          return report{200, "application/json", calls_json(self->state.calls, hub)};
        });
      return report{404, "application/json", R"({"error":"There is no such report","fix":"Ask for metrics or calls"})"};
    },
  };
}

} // namespace hub
