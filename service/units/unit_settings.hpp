#pragma once

#include <string>
#include <vector>

namespace hub {

/// What a service manager has to know to run the hub.
struct unit_settings {
  /// The path of `slm-hubd` and its arguments.
  std::vector<std::string> command;

  /// Reads the configuration again and says what came of it.
  std::vector<std::string> reload_command;

  /// The folder of the configuration.
  std::string folder;

  /// The PATH in which servers such as npx and uvx are looked for.
  std::string path;

  /// Folders that servers may write besides the home and temporary ones.
  std::vector<std::string> writable;

  /// Whether users may have file systems of their own here, which the sandbox is made of.
  bool namespaces = true;
};

} // namespace hub
