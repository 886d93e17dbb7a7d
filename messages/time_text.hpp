#pragma once

#include <chrono>
#include <string>

namespace hub {

/// Appends a time as RFC 3339 has it, in UTC with milliseconds: `2026-01-31T12:00:00.250Z`. Without
/// the C library's locale and time zone, since lines about calls are many.
void append_time(std::string& to, std::chrono::system_clock::time_point at);

} // namespace hub
