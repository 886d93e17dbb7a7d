#pragma once

#include "service/config/environment.hpp"
#include "service/import/document.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// How a client writes its entries, beyond the spellings that all share.
enum class entry_dialect {
  standard,    ///< `mcpServers`, as most clients have it.
  claude_code, ///< Also `projects.PATH.mcpServers`.
  vscode,      ///< `servers` or `mcp.servers`, with `inputs`.
  codex,       ///< `mcp_servers`, where names of variables stand for secrets.
  gemini,      ///< `url` is SSE, `httpUrl` is not; times in milliseconds; `$NAME`.
  zed,         ///< `context_servers`, some of them extensions of Zed.
  opencode,    ///< `mcp`, the command as one array, `{env:NAME}`.
  goose,       ///< `extensions`, some of them part of Goose.
  continue_dev ///< A list with names, `${{ secrets.NAME }}`.
};

/// The systems that the hub runs on.
enum class platform { gnu_linux, mac };

/// The one this was built for.
platform this_platform() noexcept;

/// A place where a client keeps MCP servers.
struct client_place {
  /// For options and new names: `claude-code`.
  std::string_view client;

  /// For people: `Claude Code`.
  std::string_view title;

  document_format format;

  entry_dialect dialect;

  /// `{home}`, `{config}` (XDG), `{claude}`, `{codex}` and `{project}` stand for
  /// folders; a `*` may begin the last name. Empty: not on that system.
  std::string_view linux_path;
  std::string_view mac_path;
};

/// A file that exists, or whose existence cannot be told.
struct client_file {
  client_place place;
  std::filesystem::path path;

  /// The project that it is for; empty if it is the user's.
  std::filesystem::path project;
};

/// What the places depend on.
struct client_folders {
  variable_map environment;
  std::string home;

  /// A folder whose own files (`.mcp.json` and the like) count too; empty is
  /// none. They come with a checkout and may be from anybody: pass one only
  /// where the user has asked for it.
  std::filesystem::path project;

  platform system = this_platform();
};

/// The files of all known clients that are there, in the order of the table.
std::vector<client_file> find_client_files(const client_folders& folders);

/// What `path` is by the way it ends: `x/.codex/config.toml` is of Codex
/// wherever it is. Nothing if no client has such a file.
std::optional<client_file> recognize_client_file(const std::filesystem::path& path);

} // namespace hub
