#pragma once

#include "messages/server_config.hpp"
#include "service/config/value_reader.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// Reads `pass`, `warn` or `hold`; notes an error and returns nothing for all else.
std::optional<change_policy> read_change_policy(const config_value& x, const std::string& label, value_reader& reader);

/// The word that `read_change_policy` reads.
std::string_view to_string(change_policy x) noexcept;

/// Reads what keeps a server within its bounds into `server`: `tool_changes`, `inherit_env`
/// and `sandbox`.
/// @param label What messages call the entry.
void read_guards(const config_value& entry, const std::string& label, value_reader& reader, server_config& server);

} // namespace hub
