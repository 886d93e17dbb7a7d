#pragma once

#include "service/config/config_value.hpp"
#include "service/import/client_table.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace hub {

/// What an entry is translated from, and where remarks go.
struct translation_context {
  entry_dialect dialect = entry_dialect::standard;

  /// What relative paths start at: the project that the entry belongs to, or
  /// the home.
  std::filesystem::path folder;

  /// Where the file is that has the entry.
  std::filesystem::path file_folder;

  /// True if the client starts the server in `folder`.
  bool runs_in_folder = false;

  /// Takes a remark about the value at a byte offset: a cause and a fix.
  std::function<void(size_t offset, std::string cause, std::string fix)> note;
};

/// Writes the entry of a client as one of our own configuration: our names for
/// the keys, our placeholders, times in seconds. Keys that nobody knows stay as
/// they are. Nothing if the hub cannot run such a server; a note says why.
std::optional<config_value> translate_entry(config_value entry,
                                            const translation_context& context);

} // namespace hub
