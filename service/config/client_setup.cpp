#include "service/config/client_setup.hpp"

namespace hub {

std::string client_setup_text(std::string_view url, bool token_required) {
  std::string u{url};
  std::string result;
  auto add = [&](const char* plain, const char* with_token) { result += token_required ? with_token : plain; };
  if (token_required)
    result += "Clients need a token: slm-hub token create NAME    It goes where TOKEN stands:\n";
  result += "Claude Code, run:\n"
            "  claude mcp add --scope user --transport http hub " + u;
  add("\n", " --header 'Authorization: Bearer TOKEN'\n");
  result += "VS Code, run:\n"
            "  code --add-mcp '{\"name\":\"hub\",\"type\":\"http\",\"url\":\"" + u + "\"";
  add("}'\n", ",\"headers\":{\"Authorization\":\"Bearer TOKEN\"}}'\n");
  result += "Cursor, in ~/.cursor/mcp.json:\n"
            "  {\"mcpServers\": {\"hub\": {\"url\": \"" + u + "\"";
  add("}}}\n", ", \"headers\": {\"Authorization\": \"Bearer TOKEN\"}}}}\n");
  result += "Codex, in ~/.codex/config.toml:\n"
            "  [mcp_servers.hub]\n"
            "  url = \"" + u + "\"\n";
  add("", "  bearer_token_env_var = \"SLM_HUB_TOKEN\"\n");
  return result;
}

} // namespace hub
