#pragma once

#include <string>
#include <string_view>

namespace hub {

/// The lines that connect Claude Code, VS Code, Cursor and Codex to a hub at
/// `url`, such as `http://127.0.0.1:52414/mcp`, with where each belongs.
std::string client_setup_text(std::string_view url);

} // namespace hub
