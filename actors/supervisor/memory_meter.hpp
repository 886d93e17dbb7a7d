#pragma once

#include "messages/memory_meter.hpp"

#include <functional>

namespace hub {

/// The behavior of a memory meter; spawn it detached.
/// @param measure The resident memory of a process and all that came of it, in bytes.
memory_meter_actor::behavior_type memory_meter(std::function<int64_t(int64_t pid)> measure);

} // namespace hub
