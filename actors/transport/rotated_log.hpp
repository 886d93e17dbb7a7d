#pragma once

#include "actors/transport/descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// Keeps what a server writes to its stderr: on disk in a bounded number of
/// files, and the last lines in memory. It never fails and never waits: what the
/// disk does not take is counted and dropped, and the log says so later.
class rotated_log {
public:
  /// The size in bytes at which a new file is begun.
  static constexpr size_t file_bytes = 1024 * 1024;

  /// How many files are kept: `path`, `path.1` and `path.2`.
  static constexpr int files_kept = 3;

  /// How many lines are remembered, and how many bytes of each.
  static constexpr size_t lines_kept = 20;
  static constexpr size_t line_bytes_kept = 500;

  /// @param path The newest file, created with mode 0600 when there is something
  ///             to write; its folder is created if only that is missing. Empty
  ///             keeps nothing on disk.
  explicit rotated_log(std::string path);

  /// Takes output of the server, in any pieces.
  void write(std::string_view bytes);

  /// Adds a line of the hub's own, which is not counted among the last lines.
  void note(std::string_view sentence);

  /// The last lines, oldest first, as valid UTF-8 without control characters
  /// and without terminal colours.
  std::vector<std::string> last_lines() const;

  /// How many lines are lost.
  uint64_t dropped_lines() const noexcept {
    return dropped_;
  }

  const std::string& path() const noexcept {
    return path_;
  }

private:
  void remember(std::string_view bytes);
  void store(std::string_view bytes);
  bool open();
  void rotate();

  std::string path_;
  descriptor file_;
  size_t size_ = 0;
  bool ends_inside_line_ = false;
  uint64_t dropped_ = 0;

  /// Lost lines that the log does not mention yet.
  uint64_t unreported_ = 0;

  /// Complete lines as they came, cut to `line_bytes_kept`.
  std::deque<std::string> lines_;

  /// A line that is not complete, cut alike.
  std::string partial_;
};

} // namespace hub
