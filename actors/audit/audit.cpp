#include "actors/audit/audit.hpp"

#include "actors/audit/audit_text.hpp"

#include <spdlog/spdlog.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace hub {

namespace {

/// Appends lines, and what is to be told of records that were dropped before them.
/// @param records How many records the lines are of.
void write(audit_state& st, std::vector<std::string> lines, size_t records) {
  auto& gauge = *st.settings.gauge;
  st.unwritten += gauge.untold.exchange(0);
  if (st.unwritten > 0)
    lines.insert(lines.begin(), dropped_members(std::chrono::system_clock::now(), st.unwritten));
  auto error = st.log->append(lines);
  auto before = gauge.failure.exchange(error);
  if (error == 0) {
    st.unwritten = 0;
    gauge.written += lines.size();
    if (before != 0)
      spdlog::info("the audit is written again");
    return;
  }
  st.unwritten += records;
  gauge.dropped += records;
  if (before != error)
    spdlog::error("the audit {} cannot be written: {}; calls go on without it", st.settings.log.file.string(),
                  std::strerror(error));
}

void write(audit_state& st, const calls_ended& x) {
  std::vector<std::string> lines;
  for (auto& record : *x.records)
    lines.push_back(audit_members(record, st.settings.arguments));
  write(st, std::move(lines), x.records->size());
  st.settings.gauge->leave(x.records->size(), weight_of(*x.records));
}

void write(audit_state& st, const requests_refused& x) {
  std::vector<std::string> lines;
  for (auto& refusals : x.refusals)
    lines.push_back(refusal_members(std::chrono::system_clock::now(), refusals));
  write(st, std::move(lines), x.refusals.size());
  st.settings.gauge->leave(x.refusals.size(), 0);
}

} // namespace

audit_actor::behavior_type audit(audit_actor::stateful_pointer<audit_state> self, audit_settings settings) {
  self->state.log.emplace(settings.log);
  self->state.settings = std::move(settings);
  return {
    [self](const calls_ended& x) { write(self->state, x); },
    [self](const requests_refused& x) { write(self->state, x); },
    // What it was told before is written by now.
    [](settle_records) { return records_settled{}; },
    [self](const configure_audit& x) {
      auto& st = self->state;
      st.settings.gauge->wanted = x.enabled;
      st.settings.arguments = x.arguments;
      st.log->limit(x.max_bytes, x.files);
    },
  };
}

} // namespace hub
