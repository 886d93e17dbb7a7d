#pragma once

#include <string>
#include <string_view>

namespace hub {

/// The lines that connect Claude Code, VS Code, Cursor and Codex to a hub at
/// `url`, such as `http://127.0.0.1:52414/mcp`, with where each belongs.
/// @param token_required Whether clients must send a token.
std::string client_setup_text(std::string_view url, bool token_required);

} // namespace hub
