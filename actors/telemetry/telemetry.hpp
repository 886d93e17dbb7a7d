#pragma once

#include "actors/auth/web.hpp"
#include "actors/telemetry/call_metrics.hpp"
#include "actors/telemetry/span_export.hpp"
#include "actors/telemetry/trace_store.hpp"
#include "messages/call.hpp"
#include "messages/call_record.hpp"
#include "messages/reply.hpp"
#include "messages/report.hpp"
#include "messages/plugin.hpp"
#include "messages/supervisor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// Where traces are sent (OTLP over HTTP, protobuf).
struct collector {
  /// Where spans are posted to, such as `http://127.0.0.1:4318/v1/traces`.
  std::string url;

  /// They may hold secrets.
  std::vector<std::pair<std::string, std::string>> headers;

  /// What `service.name` says.
  std::string service = "slm-hub";

  /// The way to it.
  web_actor web;
};

struct telemetry_settings {
  /// Shared with those who send; not null.
  std::shared_ptr<observer_gauge> gauge;

  supervisor_actor supervisor;

  /// Nothing if traces are only kept.
  std::optional<collector> to = std::nullopt;

  /// What the plugins were told and not; may be null.
  plugin_port_ptr plugins = nullptr;
};

/// Tells the telemetry whom to ask how many calls are in flight: the call path, which
/// has to know the telemetry first.
struct meet_calls {
  call_actor calls;
};

/// Sent by the telemetry to itself: sends what is due.
struct telemetry_tick {};

/// The feed of ended calls on one side, those who ask on the other.
using telemetry_actor = protocol<
  caf::reacts_to<meet_calls>,
  caf::reacts_to<telemetry_tick>>::also<call_observer_actor>::also<report_actor>::handle;

/// Counts calls, keeps their traces and tells of them: `metrics` for Prometheus, `calls` for `slm-hub top`,
/// `traces` for `slm-hub trace`; and sends the traces to a collector, if there is one. It is
/// detached, so that neither counting nor writing text delays a call, is owned by the daemon
/// and driven by the records that come. If it dies, nothing is counted; calls go on.
struct telemetry_state {
  telemetry_settings settings;
  call_metrics calls;
  trace_store traces;
  span_export spans;
  bool ticking = false;

  /// Who waits until everything is sent.
  std::optional<reply<records_settled>> settling;

  /// Null until it is known.
  call_actor path;

  static constexpr const char* name = "telemetry";
};

telemetry_actor::behavior_type telemetry(telemetry_actor::stateful_pointer<telemetry_state> self,
                                         telemetry_settings settings);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::meet_calls)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::telemetry_tick)
