#pragma once

#include "actors/call/call_table.hpp"
#include "messages/audit.hpp"

#include <cstddef>
#include <vector>

namespace hub {

/// What calls have come to since the audit was told last: one message for many of them.
class call_audit {
public:
  /// How many records, or bytes of params, are sent at once at the latest.
  static constexpr size_t batch_size = 64;
  static constexpr size_t batch_bytes = 1024 * 1024;

  /// Notes the end of a call; tells whether it is time to send.
  bool note(const open_call& call, const rpc_answer& answer, int64_t microseconds);

  bool empty() const noexcept {
    return records_.empty();
  }

  /// What was noted, if the audit has room for it; nothing otherwise.
  std::vector<audit_record> take(audit_gauge& gauge);

private:
  std::vector<audit_record> records_;
  size_t bytes_ = 0;
};

} // namespace hub
