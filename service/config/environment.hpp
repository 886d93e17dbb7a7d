#pragma once

#include "service/config/config_error.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace hub {

/// Names and their texts, such as the environment of a process.
using variable_map = std::map<std::string, std::string, std::less<>>;

/// The environment of this process.
variable_map process_environment();

/// The value of `name`, or null.
const std::string* find_variable(const variable_map& variables, std::string_view name);

/// The user's home: HOME, else what the system knows; empty if neither does.
std::string home_folder(const variable_map& environment);

/// The folder of the configuration: SLM_HUB_CONFIG_DIR (`~` is the home, a
/// relative path starts at the working directory), else `~/.slm-mcp-hub`. It
/// need not exist.
config_result<std::filesystem::path> config_folder(const variable_map& environment);

/// `text` with a leading `~` or `~/` replaced by `home`.
std::string expand_tilde(std::string text, std::string_view home);

} // namespace hub
