#pragma once

#include "service/config/hub_config.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// The configuration as it counts (defaults and environment included), as JSON
/// that may be shown to anybody: placeholders stand as written, without their
/// defaults; all other text of `env` and `headers` is `***`, and so is what
/// looks like a credential in `url` and `args`.
std::string render_config_for_display(const hub_config& config);

/// `text` with all but its placeholders, and a leading `Bearer` or `Basic`,
/// replaced by `***`.
std::string mask_value(std::string_view text);

/// `url` with user, password, the values of the query and what looks like a
/// token in the path replaced by `***`. Any other text comes back as it is.
std::string mask_url(std::string_view url);

/// The arguments with the values of options such as `--api-key`, the values of
/// headers and the credentials in addresses replaced by `***`.
std::vector<std::string> mask_args(const std::vector<std::string>& args);

/// The first value that is written out in `env` or `headers` and secret by its name, such as
/// `server "github": env.GITHUB_TOKEN`; nothing if all of them are placeholders.
std::optional<std::string> written_secret(const hub_config& config);

} // namespace hub
