#pragma once

#include "messages/cascade.hpp"
#include "messages/server_config.hpp"
#include "service/config/config_value.hpp"
#include "service/config/value_reader.hpp"

#include <vector>

namespace hub {

/// Reads `cascades`: an object of groups by name, each an array of `SERVER__TOOL` or of objects with `tool`,
/// `arguments` and `fixed`. A tool belongs to one of them at most.
cascade_list read_cascades(const config_value& x, const std::vector<server_config>& servers, value_reader& reader);

/// The same as `read_cascades` reads.
config_value cascade_tree(const cascade_list& x);

} // namespace hub
