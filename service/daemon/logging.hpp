#pragma once

#include <spdlog/formatter.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace hub {

/// How lines of the log look.
enum class log_format {
  automatic, ///< Sentences on a terminal, JSON lines elsewhere.
  text,
  json
};

/// `auto`, `text` or `json`.
log_format log_format_of(std::string_view text) noexcept;

/// Writes a line as an object: `ts`, `level`, `logger`, `msg`, and `request_id` and `trace_id` where it is about
/// a call. Values of secrets are masked.
std::unique_ptr<spdlog::formatter> json_line_format();

/// Writes a line as a sentence for people, with the ids of its call behind it. Values of secrets are masked.
/// @param pattern As spdlog has it; `%*` is the sentence.
std::unique_ptr<spdlog::formatter> text_line_format(std::string pattern);

/// Sends the log to stderr and to `folder/hub.log`, which is rotated at 4 MiB
/// with three old files kept. If the file cannot be written, stderr remains and
/// says so. Writing to the file happens on a thread of its own with a bounded
/// queue, so that a slow disk delays nothing: lines over the bound are lost.
/// @param level As in the configuration: trace to critical, or off.
/// @param to_console False leaves stderr out, as long as the file can be written.
void start_logging(const std::filesystem::path& folder, const std::string& level, log_format format, bool to_console);

/// Writes out what is queued.
void stop_logging();

} // namespace hub
