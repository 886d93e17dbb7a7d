#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace hub {

/// The command line of the daemon. What is not given comes from the
/// environment, then from the configuration.
struct daemon_options {
  std::string config_dir;
  std::optional<std::string> host;
  std::optional<uint16_t> port;
  std::optional<std::string> log_level;
  std::optional<std::string> log_format;

  /// Nobody reads what it prints: the log goes to its files only.
  bool detached = false;

  /// Only look whether the hub could start by its files.
  bool check = false;
};

} // namespace hub
