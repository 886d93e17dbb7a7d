#pragma once

#include "messages/call_record.hpp"

#include <atomic>
#include <cstdint>

namespace hub {

/// What waits for the audit, and how it is.
struct audit_gauge : observer_gauge {
  /// Lines in the file, of this run.
  std::atomic<uint64_t> written{0};

  /// `errno` while the disk takes nothing; 0 if all is well.
  std::atomic<int> failure{0};
};

/// What of the configuration concerns the audit.
struct configure_audit {
  bool enabled = true;

  /// Whether the arguments of calls are written.
  bool arguments = false;

  /// From this many bytes on a new file is begun.
  size_t max_bytes = 16 << 20;

  /// How many files are kept.
  size_t files = 8;
};

/// Writes down what happens, as far as its gauge lets it through.
using audit_actor = protocol<
  caf::reacts_to<configure_audit>>::also<call_observer_actor>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::configure_audit)
