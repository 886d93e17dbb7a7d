#include "service/config/secrets.hpp"

#include "service/config/env_file.hpp"
#include "service/config/stored_file.hpp"

#include <algorithm>
#include <system_error>

namespace hub {

std::vector<std::filesystem::path>
secrets_files(const std::filesystem::path& home, const std::filesystem::path& config_folder) {
  std::vector<std::filesystem::path> result;
  auto add = [&](const std::filesystem::path& folder, const char* name) {
    if (folder.empty())
      return;
    auto file = (folder / name).lexically_normal();
    if (std::find(result.begin(), result.end(), file) == result.end())
      result.push_back(std::move(file));
  };
  add(home, ".claude-secrets.env");
  add(config_folder, "secrets.env");
  if (!home.empty())
    add(home / ".slm-mcp-hub", "secrets.env");
  return result;
}

secrets read_secrets(const std::vector<std::filesystem::path>& files) {
  secrets result;
  for (auto& file : files) {
    std::error_code error;
    if (std::filesystem::status(file, error).type() == std::filesystem::file_type::not_found)
      continue;
    auto stored = read_stored(file, 1 << 20);
    if (!stored) {
      result.warnings.insert(result.warnings.end(), stored.errors().begin(),
                             stored.errors().end());
      continue;
    }
    if (stored->open_to_others) {
      result.warnings.push_back({file.string(), "holds secrets and others can read it, so none is taken from it",
                                 "run: chmod 600 '" + file.string() + "'"});
      for (auto& [name, value] : read_env_lines(stored->text, file.string()).values)
        result.withheld.emplace(name, file.string());
      continue;
    }
    auto lines = read_env_lines(stored->text, file.string());
    result.values.merge(lines.values);
    result.warnings.insert(result.warnings.end(), lines.warnings.begin(), lines.warnings.end());
  }
  return result;
}

} // namespace hub
