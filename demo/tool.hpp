#pragma once

#include "demo/arguments.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace hub::demo {

/// What a tool answers at once.
struct tool_result {
  /// For people and models.
  std::string text;

  /// The same as a JSON object, or empty.
  std::string structured = {};

  /// The tool ran and failed.
  bool failed = false;
};

/// What a tool answers that takes its time: the server counts, reports progress
/// and answers at the end, while other calls go on.
struct countdown_order {
  /// How many ticks there are, at least one.
  int from;

  /// The pause between two of them.
  std::chrono::milliseconds tick;
};

using tool_outcome = std::variant<tool_result, countdown_order>;

/// A tool with everything that `tools/list` says about it. The schemas and the
/// annotations are JSON text; an empty one is left out.
struct tool {
  std::string_view name;
  std::string_view title;
  std::string_view description;
  std::string_view input_schema;
  std::string_view output_schema;
  std::string_view annotations;

  /// Runs the tool. Throws `bad_argument`.
  std::function<tool_outcome(const arguments&)> run;
};

} // namespace hub::demo
