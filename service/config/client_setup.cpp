#include "service/config/client_setup.hpp"

namespace hub {

std::string client_setup_text(std::string_view url) {
  std::string u{url};
  std::string result;
  result += "Claude Code, run:\n"
            "  claude mcp add --scope user --transport http hub " + u + "\n";
  result += "VS Code, run:\n"
            "  code --add-mcp '{\"name\":\"hub\",\"type\":\"http\",\"url\":\"" + u + "\"}'\n";
  result += "Cursor, in ~/.cursor/mcp.json:\n"
            "  {\"mcpServers\": {\"hub\": {\"url\": \"" + u + "\"}}}\n";
  result += "Codex, in ~/.codex/config.toml:\n"
            "  [mcp_servers.hub]\n"
            "  url = \"" + u + "\"\n";
  return result;
}

} // namespace hub
