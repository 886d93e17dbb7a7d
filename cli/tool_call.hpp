#pragma once

#include "cli/hub_client.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace hub::cli {

/// What a server reports about a call that goes on.
struct progress_report {
  double progress = 0;

  /// Zero if it is not known.
  double total = 0;

  std::string message;
};

/// A call of one of the hub's own tools by MCP of the version 2026-07-28, which
/// needs no session.
struct tool_call {
  /// `hub__search_tools` or `hub__call_tool`.
  std::string name;

  /// A JSON object.
  std::string arguments;

  /// Zero is as long as it likes.
  std::chrono::milliseconds time_limit{0};

  /// Asks for progress if it is set.
  std::function<void(const progress_report&)> on_progress;
};

/// Makes the call and returns the result as JSON text, byte by byte as it came.
/// Throws `command_error` with the cause if the hub answers with an error.
std::string call_tool(hub_client& hub, const tool_call& call);

/// Whether a result says that the tool failed.
bool is_failure(std::string_view result);

/// What a result says to people: its texts, and a line for what is no text.
std::string readable_content(std::string_view result);

} // namespace hub::cli
