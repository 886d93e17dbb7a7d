#pragma once

#include "messages/server_config.hpp"
#include "service/config/config_value.hpp"
#include "service/config/value_reader.hpp"

#include <vector>

namespace hub {

/// Reads `groups`: for each name an array of servers, or an object with `servers`
/// and `tags`; a server that has one of the tags is a member. Members are in the
/// order of the configuration.
std::vector<server_group> read_groups(const config_value& value,
                                      const std::vector<server_config>& servers,
                                      value_reader& reader);

} // namespace hub
