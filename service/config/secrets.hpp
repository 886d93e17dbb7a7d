#pragma once

#include "service/config/config_error.hpp"
#include "service/config/environment.hpp"

#include <filesystem>
#include <vector>

namespace hub {

/// What the secrets files say. The values are for the servers that name them
/// and for nothing else: never log, print or store them.
struct secrets {
  variable_map values;

  /// Names that have no value only because others can read their file, each with that file.
  variable_map withheld;

  /// Lines that were skipped, files that cannot be read or that others can.
  std::vector<config_error> warnings;
};

/// The files that secrets are read from, first one first:
/// `~/.claude-secrets.env`, `secrets.env` in the configuration folder and
/// `~/.slm-mcp-hub/secrets.env`.
std::vector<std::filesystem::path>
secrets_files(const std::filesystem::path& home, const std::filesystem::path& config_folder);

/// Reads those files that exist. A name counts as the first file has it.
secrets read_secrets(const std::vector<std::filesystem::path>& files);

} // namespace hub
