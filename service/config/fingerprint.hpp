#pragma once

#include "messages/server_config.hpp"

#include <string>

namespace hub {

/// SHA-256, in hex, over the fields that decide what runs, unresolved: two
/// servers with the same one are the same server. Order counts.
std::string fingerprint_of(const server_config& server);

} // namespace hub
