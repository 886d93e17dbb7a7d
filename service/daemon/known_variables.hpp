#pragma once

#include "service/config/placeholders.hpp"

#include <filesystem>

namespace hub {

/// What placeholders mean at this moment: the hub's environment, and the secrets
/// files as they are now. Warnings about them are logged.
variables known_variables(const variable_map& environment, const std::filesystem::path& config_folder);

} // namespace hub
