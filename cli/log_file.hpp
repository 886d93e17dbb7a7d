#pragma once

#include "cli/console.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace hub::cli {

/// Prints the last `lines` lines of the log at `path`, and then, if it is to `follow`, what comes.
/// Throws `command_error` as `log_file` does.
void print_log(console& io, const std::filesystem::path& path, size_t lines, bool follow);

/// The log of one server, which the hub writes and rotates.
class log_file {
public:
  using sink = std::function<void(std::string_view)>;

  /// The file need not exist yet.
  explicit log_file(std::filesystem::path path);

  ~log_file();

  log_file(const log_file&) = delete;
  log_file& operator=(const log_file&) = delete;

  /// Hands out the last `lines` lines. A server that wrote nothing has none.
  /// Throws `command_error` if the file cannot be read.
  void tail(size_t lines, const sink& out);

  /// Hands out what is written after `tail`, across rotations, for as long as
  /// `keep_on` is true. It sleeps in between and wakes when the file changes.
  /// Throws `command_error` if the folder cannot be watched.
  void follow(const sink& out, const std::function<bool()>& keep_on);

private:
  /// Opens the file if it is there. Returns whether it is open.
  bool open();

  /// Hands out what was written since the last time.
  void read_on(const sink& out);

  /// Whether another file stands under the path than the open one.
  bool rotated() const;

  std::filesystem::path path_;
  int file_ = -1;
};

} // namespace hub::cli
