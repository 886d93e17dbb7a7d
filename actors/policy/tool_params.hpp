#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// What the params of a `tools/call` say, as parts of them.
struct tool_params {
  /// As `called_tool` tells it.
  std::optional<std::string_view> tool;

  /// JSON; empty if there are none.
  std::string_view arguments;
};

/// Reads the tool and its arguments in one walk.
/// @param text Where the name is put if it has escapes.
tool_params read_tool_params(std::string_view params, std::string& text);

} // namespace hub
