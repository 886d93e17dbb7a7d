#pragma once

#include "cli/console.hpp"
#include "cli/hub_client.hpp"
#include "service/config/environment.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace hub {

struct config_error;

} // namespace hub

namespace hub::cli {

/// What every command may use.
struct command_context {
  console& io;

  /// The environment of the process. `--config-dir` stands in it as
  /// SLM_HUB_CONFIG_DIR, since it means the same.
  variable_map environment;

  /// The folder of the configuration. Throws `command_error` if there is none.
  std::filesystem::path folder() const;

  std::filesystem::path config_file() const;

  /// The hub that runs on this folder, if one does.
  hub_client hub() const;
};

/// Throws `command_error` with all of the errors.
[[noreturn]] void fail(const std::vector<config_error>& errors);

/// Prints warnings on `err`, one a line.
void warn(console& io, const std::vector<config_error>& warnings);

} // namespace hub::cli
