#pragma once

#include <filesystem>
#include <string>

namespace hub {

/// Sends the log to stderr and to `folder/hub.log`, which is rotated at 4 MiB
/// with three old files kept. If the file cannot be written, stderr remains and
/// says so. Writing to the file happens on a thread of its own with a bounded
/// queue, so that a slow disk delays nothing: lines over the bound are lost.
/// @param level As in the configuration: trace to critical, or off.
/// @param to_console False leaves stderr out, as long as the file can be written.
void start_logging(const std::filesystem::path& folder, const std::string& level, bool to_console);

/// Writes out what is queued.
void stop_logging();

} // namespace hub
