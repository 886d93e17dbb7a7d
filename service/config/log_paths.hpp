#pragma once

#include <filesystem>
#include <string_view>

namespace hub {

/// The log of a server or of a plugin, in the folder of the configuration. Different names have
/// different logs, whatever else is configured: what is no ASCII letter, digit, `-` or `_` is
/// percent-encoded, and a name that gets too long ends in a hash.
std::filesystem::path server_log(const std::filesystem::path& folder, std::string_view server);
std::filesystem::path plugin_log(const std::filesystem::path& folder, std::string_view plugin);

} // namespace hub
