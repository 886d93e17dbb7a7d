#pragma once

#include <filesystem>
#include <string_view>

namespace hub {

/// What becomes of a file that is there already.
enum class existing_file { replaced, kept };

/// Writes a file of mode 0600 in one step: whoever reads it sees the old or the new text, and so
/// does a machine that lost its power. Its folder must exist. Nothing else is left behind.
/// @return errno, or 0; EEXIST if a file is there and kept.
int write_whole_file(const std::filesystem::path& path, std::string_view text, existing_file existing);

} // namespace hub
