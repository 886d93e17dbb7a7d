#pragma once

#include "actors/audit/audit_log.hpp"
#include "actors/audit/audit_text.hpp"
#include "messages/audit.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace hub {

struct audit_settings {
  audit_log_settings log;

  /// Whether the arguments of calls are written.
  bool arguments = false;

  /// Shared with those who send; not null.
  std::shared_ptr<audit_gauge> gauge;
};

/// Writes what others did into the files of the audit. It is detached, owned by the
/// daemon, and driven by the records that come; if the disk takes nothing, records are counted
/// and dropped, and a line tells how many as soon as there can be lines again.
struct audit_state {
  std::optional<audit_log> log;
  audit_settings settings;

  /// Records that the disk did not take and no line tells of.
  uint64_t unwritten = 0;

  audit_text text;

  /// Those of a message while it is written; its room is used again.
  std::string lines{};

  static constexpr const char* name = "audit";
};

audit_actor::behavior_type audit(audit_actor::stateful_pointer<audit_state> self, audit_settings settings);

} // namespace hub
