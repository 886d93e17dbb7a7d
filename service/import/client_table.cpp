#include "service/import/client_table.hpp"

#include <algorithm>
#include <system_error>

namespace hub {

namespace {

namespace fs = std::filesystem;

using enum document_format;

/// One row per file. Where two clients have the same server, the upper row
/// gives it its name.
constexpr client_place places[] = {
  {"claude-code", "Claude Code", json, entry_dialect::claude_code,
   "{claude}/.claude.json", "{claude}/.claude.json"},
  {"claude-code", "Claude Code", json, entry_dialect::standard,
   "{project}/.mcp.json", "{project}/.mcp.json"},
  {"claude-desktop", "Claude Desktop", json, entry_dialect::standard,
   "{config}/Claude/claude_desktop_config.json",
   "{home}/Library/Application Support/Claude/claude_desktop_config.json"},
  {"claude-desktop", "Claude Desktop", json, entry_dialect::standard,
   "{config}/claude/claude_desktop_config.json", ""},
  {"vscode", "VS Code", json, entry_dialect::vscode,
   "{config}/Code/User/mcp.json",
   "{home}/Library/Application Support/Code/User/mcp.json"},
  {"vscode", "VS Code", json, entry_dialect::vscode,
   "{config}/Code/User/settings.json",
   "{home}/Library/Application Support/Code/User/settings.json"},
  {"vscode", "VS Code Insiders", json, entry_dialect::vscode,
   "{config}/Code - Insiders/User/mcp.json",
   "{home}/Library/Application Support/Code - Insiders/User/mcp.json"},
  {"vscode", "VS Code Server", json, entry_dialect::vscode,
   "{home}/.vscode-server/data/User/mcp.json", "{home}/.vscode-server/data/User/mcp.json"},
  {"vscode", "VS Code", json, entry_dialect::vscode,
   "{project}/.vscode/mcp.json", "{project}/.vscode/mcp.json"},
  {"cursor", "Cursor", json, entry_dialect::standard,
   "{home}/.cursor/mcp.json", "{home}/.cursor/mcp.json"},
  {"cursor", "Cursor", json, entry_dialect::standard,
   "{project}/.cursor/mcp.json", "{project}/.cursor/mcp.json"},
  {"windsurf", "Windsurf", json, entry_dialect::standard,
   "{home}/.codeium/windsurf/mcp_config.json", "{home}/.codeium/windsurf/mcp_config.json"},
  {"windsurf", "Windsurf", json, entry_dialect::standard,
   "{home}/.codeium/mcp_config.json", "{home}/.codeium/mcp_config.json"},
  {"codex", "Codex", toml, entry_dialect::codex,
   "{codex}/config.toml", "{codex}/config.toml"},
  {"gemini", "Gemini CLI", json, entry_dialect::gemini,
   "{home}/.gemini/settings.json", "{home}/.gemini/settings.json"},
  {"zed", "Zed", json, entry_dialect::zed,
   "{config}/zed/settings.json", "{home}/.config/zed/settings.json"},
  {"opencode", "opencode", json, entry_dialect::opencode,
   "{config}/opencode/opencode.jsonc", "{config}/opencode/opencode.jsonc"},
  {"opencode", "opencode", json, entry_dialect::opencode,
   "{config}/opencode/opencode.json", "{config}/opencode/opencode.json"},
  {"goose", "Goose", yaml, entry_dialect::goose,
   "{config}/goose/config.yaml", "{config}/goose/config.yaml"},
  {"continue", "Continue", yaml, entry_dialect::continue_dev,
   "{home}/.continue/config.yaml", "{home}/.continue/config.yaml"},
  {"continue", "Continue", yaml, entry_dialect::continue_dev,
   "{home}/.continue/mcpServers/*.yaml", "{home}/.continue/mcpServers/*.yaml"},
};

/// The folder that `{name}` stands for; empty if there is none.
fs::path folder_of(std::string_view name, const client_folders& folders) {
  auto from_environment = [&](const char* variable, fs::path otherwise) {
    auto* value = find_variable(folders.environment, variable);
    return value && !value->empty() ? fs::path{expand_tilde(*value, folders.home)} : otherwise;
  };
  if (name == "{project}")
    return folders.project;
  if (folders.home.empty())
    return {};
  fs::path home{folders.home};
  if (name == "{config}")
    return from_environment("XDG_CONFIG_HOME", home / ".config");
  if (name == "{claude}")
    return from_environment("CLAUDE_CONFIG_DIR", home);
  if (name == "{codex}")
    return from_environment("CODEX_HOME", home / ".codex");
  return home;
}

/// The files in `folder` that end in `suffix`, sorted.
std::vector<fs::path> files_ending_in(const fs::path& folder, std::string_view suffix) {
  std::vector<fs::path> result;
  std::error_code error;
  for (fs::directory_iterator i{folder, error}, end; !error && i != end; i.increment(error))
    if (i->path().filename().string().ends_with(suffix))
      result.push_back(i->path());
  std::sort(result.begin(), result.end());
  return result;
}

/// Whether a file is there, or may be: what cannot be looked at is reported by
/// whoever reads it.
bool may_exist(const fs::path& path) {
  std::error_code error;
  auto type = fs::status(path, error).type();
  return type != fs::file_type::not_found;
}

} // namespace

platform this_platform() noexcept {
#ifdef __APPLE__
  return platform::mac;
#else
  return platform::gnu_linux;
#endif
}

std::vector<client_file> find_client_files(const client_folders& folders) {
  std::vector<client_file> result;
  for (auto& place : places) {
    auto pattern = folders.system == platform::mac ? place.mac_path : place.linux_path;
    auto slash = pattern.find('/');
    auto folder = pattern.empty() ? fs::path{} : folder_of(pattern.substr(0, slash), folders);
    if (folder.empty())
      continue;
    auto path = folder / pattern.substr(slash + 1);
    auto project = pattern.starts_with("{project}") ? folders.project : fs::path{};
    if (auto name = path.filename().string(); name.starts_with('*')) {
      for (auto& file : files_ending_in(path.parent_path(), name.substr(1)))
        result.push_back({place, file, project});
    } else if (may_exist(path)) {
      result.push_back({place, path, project});
    }
  }
  return result;
}

std::optional<client_file> recognize_client_file(const std::filesystem::path& path) {
  for (auto& place : places)
    for (auto pattern : {place.linux_path, place.mac_path}) {
      // `{codex}` usually is a folder of that name.
      auto known = fs::path{pattern};
      if (pattern.starts_with("{codex}/"))
        known = fs::path{"{home}/.codex"} / known.filename();
      if (known.filename() != path.filename())
        continue;
      auto folder = known.parent_path().filename().string();
      auto is_top = folder.starts_with('{');
      if (!is_top && path.parent_path().filename() != folder)
        continue;
      auto project = fs::path{};
      if (pattern.starts_with("{project}"))
        project = is_top ? path.parent_path() : path.parent_path().parent_path();
      return client_file{place, path, project};
    }
  return std::nullopt;
}

} // namespace hub
