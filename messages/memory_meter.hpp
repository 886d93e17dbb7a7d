#pragma once

#include "messages/protocol.hpp"
#include "messages/supervisor.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>

namespace hub {

/// Asks for the resident memory of a run: its process and all that came of it.
struct measure_memory {
  uint64_t run = 0;
  int64_t pid = 0;
};

struct memory_measured {
  uint64_t run = 0;

  /// 0 if there is no such process.
  int64_t bytes = 0;
};

/// Reads what the kernel says of processes, on a thread of its own because that takes its time. A status gets the
/// memory of its servers.
using memory_meter_actor = protocol<
  caf::replies_to<measure_memory>::with<memory_measured>,
  caf::replies_to<hub_status>::with<hub_status>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::measure_memory)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::memory_measured)
