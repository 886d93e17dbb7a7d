#pragma once

#include "actors/audit/audit_chain.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace hub {

struct audit_log_settings {
  /// `audit.jsonl` in the folder of the hub.
  std::filesystem::path file;

  /// From this many bytes on a new file is begun.
  size_t max_bytes = 16 << 20;

  /// How many files are kept, the one that is written included.
  size_t files = 8;
};

/// The files of the audit: appends lines to a chain that goes on over files and runs of
/// the hub. All functions may wait for the disk.
class audit_log {
public:
  explicit audit_log(audit_log_settings settings);

  /// Other bounds from now on.
  void limit(size_t max_bytes, size_t files) noexcept {
    settings_.max_bytes = max_bytes;
    settings_.files = files;
  }

  audit_log(const audit_log&) = delete;
  audit_log& operator=(const audit_log&) = delete;

  ~audit_log();

  /// Appends lines, all or none.
  /// @param lines Each is members as for `seal_line`, and ends with a line feed.
  /// @return 0, or the `errno` that says why not.
  int append(std::string_view lines);

private:
  /// Opens the file and finds the end of the chain, cutting off a line that a crash has
  /// left unfinished; 0 or `errno`.
  int open();

  /// Moves the files on by one; 0 or `errno`.
  int rotate();

  void close() noexcept;

  audit_log_settings settings_;
  int file_ = -1;
  size_t size_ = 0;
  chain_position position_;

  /// What is written; its room is used again.
  std::string text_;
};

} // namespace hub
