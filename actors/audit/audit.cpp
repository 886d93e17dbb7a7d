#include "actors/audit/audit.hpp"

#include "actors/audit/audit_text.hpp"

#include <spdlog/spdlog.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace hub {

namespace {

void write(audit_state& st, const calls_ended& x) {
  auto& gauge = *st.settings.gauge;
  std::vector<std::string> lines;
  st.unwritten += gauge.untold.exchange(0);
  if (st.unwritten > 0)
    lines.push_back(dropped_members(std::chrono::system_clock::now(), st.unwritten));
  for (auto& record : *x.records)
    lines.push_back(audit_members(record, st.settings.arguments));
  auto error = st.log->append(lines);
  auto before = gauge.failure.exchange(error);
  if (error == 0) {
    st.unwritten = 0;
    gauge.written += lines.size();
    if (before != 0)
      spdlog::info("the audit is written again");
  } else {
    st.unwritten += x.records->size();
    gauge.dropped += x.records->size();
    if (before != error)
      spdlog::error("the audit {} cannot be written: {}; calls go on without it", st.settings.log.file.string(),
                    std::strerror(error));
  }
  gauge.leave(x.records->size(), weight_of(*x.records));
}

} // namespace

call_observer_actor::behavior_type audit(call_observer_actor::stateful_pointer<audit_state> self, audit_settings settings) {
  self->state.log.emplace(settings.log);
  self->state.settings = std::move(settings);
  return {
    [self](const calls_ended& x) { write(self->state, x); },
  };
}

} // namespace hub
