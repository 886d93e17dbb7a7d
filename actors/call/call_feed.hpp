#pragma once

#include "actors/call/call_table.hpp"
#include "messages/call_record.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace hub {

/// What calls have come to since their observers were told last: one message for many
/// of them.
class call_feed {
public:
  /// How many records, or bytes of params, are sent at once at the latest.
  static constexpr size_t batch_size = 256;
  static constexpr size_t batch_bytes = 1024 * 1024;

  /// Notes the end of a call; tells whether it is time to send.
  bool note(const open_call& call, const rpc_answer& answer, int64_t microseconds);

  bool empty() const noexcept {
    return records_.empty();
  }

  /// What was noted.
  std::vector<call_record> take() {
    bytes_ = 0;
    auto result = std::exchange(records_, {});
    // As busy as before, so that they do not move as they become more.
    records_.reserve(result.size());
    return result;
  }

private:
  std::vector<call_record> records_;
  size_t bytes_ = 0;
};

/// Sends records to each observer that has room for them; for the others they are
/// counted as dropped. `observers` is not null.
void tell(const call_observers& observers, std::vector<call_record> records);

} // namespace hub
