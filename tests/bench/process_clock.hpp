#pragma once

#include <cstdint>
#include <sys/types.h>
#include <vector>

namespace hub::bench {

/// Processor time in nanoseconds that the living threads of a process have used, as the scheduler counts it; 0 when it
/// is gone.
uint64_t cpu_time_ns(pid_t pid);

/// The children of a process at this moment.
std::vector<pid_t> children_of(pid_t pid);

/// Processor time in nanoseconds that everything on this machine has used since it started, and what a host has stolen
/// (in steps of 10 ms).
uint64_t machine_busy_ns();

} // namespace hub::bench
