#pragma once

#include <cstdint>

namespace hub {

/// The resident memory of a process and of all that it started and that still
/// descend from it, in bytes; shared pages count for each. Looks at no more than
/// 64 processes. 0 if there is no such process.
int64_t resident_memory(int64_t pid);

} // namespace hub
