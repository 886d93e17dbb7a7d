#pragma once

#include "service/config/config_error.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// The text of a regular file, and who may read it.
struct stored_text {
  std::string text;

  /// True if the group or others have any right to the file.
  bool open_to_others = false;
};

/// Reads a file in one go. A file of more than `max_bytes`, or one that is no
/// regular file (a pipe would block), is an error.
config_result<stored_text> read_stored(const std::filesystem::path& path,
                                       size_t max_bytes = 64 << 20);

/// Replaces the content of a file in one step: whoever reads it sees the old or
/// the new text, and so does a machine that lost its power. The file gets mode
/// 0600 and missing folders get 0700. A symbolic link stays one; its target is
/// replaced. Returns what went wrong.
std::optional<config_error> write_stored(const std::filesystem::path& path,
                                         std::string_view text);

/// Like `write_stored`, but an existing file is an error and stays as it is.
std::optional<config_error> create_stored(const std::filesystem::path& path,
                                          std::string_view text);

} // namespace hub
