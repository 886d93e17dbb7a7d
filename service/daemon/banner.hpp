#pragma once

#include "messages/server_config.hpp"
#include "messages/supervisor.hpp"

#include <string>
#include <vector>

namespace hub {

/// What `start` prints when the hub takes requests.
/// @param token_required Whether clients need a token.
/// @param fingerprint Of the hub's certificate; empty without TLS.
/// @param own_certificate The file of one that the hub has made, which clients do not know yet;
/// empty if it has not.
/// @param memory How the memory daemon is; empty for nothing to say.
std::string ready_banner(const std::string& endpoint, const std::string& config_file,
                         const std::vector<server_group>& groups, const hub_status& status,
                         bool token_required, const std::string& fingerprint, const std::string& own_certificate,
                         const std::string& memory);

/// How many servers are known and ready, and each that failed with cause and
/// fix, a line each.
std::string server_summary(const hub_status& status);

/// Whether servers are still being started or learnt.
bool is_settling(const hub_status& status);

} // namespace hub
