#pragma once

#include "actors/telemetry/call_metrics.hpp"
#include "messages/call.hpp"
#include "messages/call_record.hpp"
#include "messages/report.hpp"
#include "messages/supervisor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace hub {

struct telemetry_settings {
  /// Shared with those who send; not null.
  std::shared_ptr<observer_gauge> gauge;

  supervisor_actor supervisor;
};

/// Tells the telemetry whom to ask how many calls are in flight: the call path, which
/// has to know the telemetry first.
struct meet_calls {
  call_actor calls;
};

/// The feed of ended calls on one side, those who ask on the other.
using telemetry_actor = protocol<
  caf::reacts_to<meet_calls>>::also<call_observer_actor>::also<report_actor>::handle;

/// Counts calls and tells of them: `metrics` for Prometheus, `calls` for `slm-hub top`. It is
/// detached, so that neither counting nor writing text delays a call, is owned by the daemon
/// and driven by the records that come. If it dies, nothing is counted; calls go on.
struct telemetry_state {
  telemetry_settings settings;
  call_metrics calls;

  /// Null until it is known.
  call_actor path;

  static constexpr const char* name = "telemetry";
};

telemetry_actor::behavior_type telemetry(telemetry_actor::stateful_pointer<telemetry_state> self,
                                         telemetry_settings settings);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::meet_calls)
