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

} // namespace hub
