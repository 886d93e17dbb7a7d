#pragma once

#include "messages/server_config.hpp"
#include "service/config/value_reader.hpp"

#include <string>

namespace hub {

/// Reads the member `oauth` of a server; keys are taken with `_` and in camel case.
/// @param label What messages call it.
oauth_config read_oauth(const config_value& x, const std::string& label, value_reader& reader);

} // namespace hub
