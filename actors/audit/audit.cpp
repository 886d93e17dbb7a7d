#include "actors/audit/audit.hpp"

#include <spdlog/spdlog.h>

#include <cstring>
#include <string>
#include <utility>

namespace hub {

namespace {

/// The room for lines that is kept from one message to the next, in bytes.
constexpr size_t most_kept = 512 * 1024;

/// Begins the lines of a message; first it is told what was dropped before.
std::string& begin_lines(audit_state& st) {
  st.lines.clear();
  st.unwritten += st.settings.gauge->untold.exchange(0);
  if (st.unwritten > 0)
    add_dropped(st.lines, std::chrono::system_clock::now(), st.unwritten);
  return st.lines;
}

/// Writes the lines.
/// @param records How many records they are of.
void write(audit_state& st, size_t records) {
  auto& gauge = *st.settings.gauge;
  auto error = st.log->append(st.lines);
  auto before = gauge.failure.exchange(error);
  if (error == 0) {
    gauge.written += records + (st.unwritten > 0 ? 1 : 0);
    st.unwritten = 0;
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
  auto& lines = begin_lines(st);
  for (auto& record : *x.records)
    st.text.add(lines, record, st.settings.arguments);
  write(st, x.records->size());
  st.settings.gauge->leave(x.records->size(), weight_of(*x.records));
  // One large message does not make it hold so much for ever.
  if (lines.capacity() > most_kept)
    lines = {};
}

void write(audit_state& st, const requests_refused& x) {
  auto& lines = begin_lines(st);
  for (auto& refusals : x.refusals)
    add_refusal(lines, std::chrono::system_clock::now(), refusals);
  write(st, x.refusals.size());
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
