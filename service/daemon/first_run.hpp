#pragma once

#include "service/config/config_error.hpp"
#include "service/config/environment.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hub {

/// What making the first configuration came to.
struct first_run {
  /// For people, a line each: what was taken from where and what was not.
  std::vector<std::string> lines;

  /// How many servers the configuration has.
  size_t servers = 0;

  /// True if none was found, and the demonstration server was entered.
  bool demonstration = false;
};

/// Makes the first configuration from the servers that are in the files of AI
/// clients, which stay as they are. Without any, from the demonstration server.
/// @param file The configuration, which must not exist.
/// @param demo The program of the demonstration server.
config_result<first_run> make_first_config(const std::filesystem::path& file,
                                           const variable_map& environment, uint16_t port,
                                           const std::filesystem::path& demo);

} // namespace hub
