#pragma once

#include "service/config/config_error.hpp"
#include "service/config/config_value.hpp"
#include "service/config/placeholders.hpp"
#include "service/config/value_reader.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hub {

/// What the configuration says of a plugin.
struct plugin_config {
  std::string name;

  /// Nothing leaves it to `plugins_enabled`.
  std::optional<bool> enabled;

  /// What the plugin gets to read: a JSON object without line feeds and with placeholders unresolved, empty for none.
  std::string settings;

  /// Variables for its program, with placeholders unresolved.
  std::vector<std::pair<std::string, std::string>> env;

  /// How long its word is waited for before a call.
  std::optional<std::chrono::milliseconds> time_limit;

  /// Whether a call is denied that it was to be asked about and gave no word on.
  bool denies_on_failure = false;

  bool operator==(const plugin_config&) const = default;
};

/// Reads the value of `plugins`: an object with, for each plugin, `true`, `false` or an object.
std::vector<plugin_config> read_plugins(const config_value& value, value_reader& reader);

/// The settings of a plugin with the placeholders in its texts resolved, again a JSON object in a line. The
/// error begins with the setting: `settings.token names ${TOKEN}, which is not set`.
std::variant<std::string, unresolved_placeholder> resolve_settings(const std::string& settings, const variables& known);

/// Switches a plugin on or off in the text of a configuration; all the rest, comments
/// included, stays byte for byte. `file` is for messages.
config_result<std::string> switch_plugin(const std::string& text, const std::string& file, const std::string& name,
                                         bool on);

} // namespace hub
