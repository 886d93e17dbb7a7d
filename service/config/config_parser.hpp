#pragma once

#include "service/config/config_error.hpp"
#include "service/config/environment.hpp"
#include "service/config/hub_config.hpp"

#include <string>

namespace hub {

/// Reads the text of a `config.json`: JSON with comments and trailing commas.
/// `file` is for messages. On failure there is each error in the text, or the
/// first one if it is not JSON. Nothing is resolved and no file is read.
config_result<hub_config> parse_config(const std::string& text, const std::string& file);

/// Puts SLM_HUB_HOST, SLM_HUB_PORT and SLM_HUB_LOG_LEVEL of the environment over
/// the configuration. An empty variable counts as not set.
config_result<hub_config> apply_environment(hub_config config, const variable_map& environment);

} // namespace hub
