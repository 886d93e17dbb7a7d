#include "service/config/config_file.hpp"

#include "service/config/config_parser.hpp"
#include "service/config/display.hpp"
#include "service/config/stored_file.hpp"

#include <system_error>

namespace hub {

namespace {

constexpr auto default_text = R"({
  // The configuration of slm-hub. Comments and trailing commas are allowed.

  // Where clients find the hub: http://127.0.0.1:52414/mcp
  "host": "127.0.0.1",
  "port": 52414,

  // trace, debug, info, warning, error, critical or off
  "log_level": "info",

  // How long a session may be silent, and how many there may be.
  "session_timeout_seconds": 3600,
  "max_sessions": 1000,

  // When a server that nobody uses is stopped; 0 is never.
  "idle_shutdown_seconds": 1800,

  // How long one request to a server may take. An entry's "timeout" wins.
  "request_timeout_seconds": 300,

  // Start each new server once, in the background, to learn its tools.
  "learn_unknown": true,
  "max_concurrent_starts": 4,

  // What a search reply may cost the client's model, in tokens.
  "search_token_budget": 800,

  // Web pages that may talk to the hub, such as "http://localhost:3000".
  "cors_origins": [],

  // The servers, by name. ${NAME} stands for a variable of the environment or
  // of secrets.env beside this file, and ${NAME:-default} gives a default. For example:
  //   "github": {
  //     "command": "npx",
  //     "args": ["-y", "@modelcontextprotocol/server-github"],
  //     "env": {"GITHUB_PERSONAL_ACCESS_TOKEN": "${GITHUB_TOKEN}"}
  //   },
  //   "docs": {"type": "http", "url": "https://example.org/mcp"}
  "mcpServers": {
  }
}
)";

} // namespace

std::filesystem::path config_file_in(const std::filesystem::path& folder) {
  return folder / "config.json";
}

config_result<hub_config> load_config(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::status(file, error).type() == std::filesystem::file_type::not_found)
    return hub_config{};
  auto stored = read_stored(file);
  if (!stored)
    return stored.errors();
  auto result = parse_config(stored->text, file.string());
  if (result && stored->open_to_others)
    if (auto secret = written_secret(*result))
      result->warnings.push_back({file.string(), "others may read this file, and it holds a secret (" + *secret + ")",
                                  "run: chmod 600 " + file.string() + ", or write a placeholder instead"});
  return result;
}

std::string default_config_text() {
  return default_text;
}

std::optional<config_error> init_config(const std::filesystem::path& file) {
  return create_stored(file, default_text);
}

} // namespace hub
