#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace hub {

/// The resident memory of processes and of all that they started and that still
/// descend from them, in bytes; shared pages count for each. Looks at no more than
/// 64 processes. 0 if there is none of them.
int64_t resident_memory(std::vector<pid_t> family);

} // namespace hub
