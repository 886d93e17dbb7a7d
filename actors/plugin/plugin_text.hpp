#pragma once

#include "messages/call_record.hpp"
#include "messages/plugin.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace hub {

/// The longest arguments that a plugin is shown, in bytes; of longer ones it is told how long
/// they are.
inline constexpr size_t shown_arguments = 64 * 1024;

/// What happened as a JSON object without line feeds.
std::string text_of(const plugin_event& x);

/// A call that has ended.
std::string text_of(const call_record& x);

/// A call that is about to be made.
std::string text_of(const intended_call& x);

/// A moment as RFC 3339 has it, in UTC with milliseconds.
std::string time_text(std::chrono::system_clock::time_point at);

} // namespace hub
