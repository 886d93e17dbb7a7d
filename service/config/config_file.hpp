#pragma once

#include "service/config/config_error.hpp"
#include "service/config/hub_config.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace hub {

/// Where the configuration is within its folder.
std::filesystem::path config_file_in(const std::filesystem::path& folder);

/// Reads the configuration. A file that is not there is the defaults. Reading
/// takes no lock: writers replace the file in one step. The environment does
/// not count yet; see `apply_environment`.
config_result<hub_config> load_config(const std::filesystem::path& file);

/// A first configuration, with a comment for each setting.
std::string default_config_text();

/// Writes the first configuration; an existing file is an error and stays as
/// it is. Returns what went wrong.
std::optional<config_error> init_config(const std::filesystem::path& file);

} // namespace hub
