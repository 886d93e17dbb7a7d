#pragma once

#include "actors/call/call_table.hpp"
#include "actors/call/record_pool.hpp"
#include "messages/call_record.hpp"

#include <cstddef>
#include <memory>
#include <string>
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

  /// Params up to this size, in bytes, are copied: holding them would hold the whole request, and its memory
  /// would not be warm when the next one needs some.
  static constexpr size_t largest_copy = 1024;

  /// Notes the end of a call; tells whether it is time to send.
  bool note(const open_call& call, const rpc_answer& answer, int64_t microseconds);

  bool empty() const noexcept {
    return records_.empty();
  }

  /// What was noted, for its observers.
  std::shared_ptr<const std::vector<call_record>> take();

  /// Frees what all observers are done with.
  void free_done();

  /// Whether observers have something that is to be freed here.
  bool holds() const noexcept {
    return lists_.holds();
  }

private:
  std::vector<call_record> records_;
  size_t bytes_ = 0;

  /// The params that are copied, and where those of each record begin; `npos` if they are shared.
  std::string copies_;
  std::vector<size_t> begins_;

  record_pool lists_;
};

/// Sends records to each observer that has room for them; for the others they are
/// counted as dropped. `observers` is not null.
void tell(const call_observers& observers, std::shared_ptr<const std::vector<call_record>> records);

} // namespace hub
