#pragma once

#include "messages/server_config.hpp"

#include <cstdint>
#include <string_view>

namespace hub {

/// Whether an entry leads to this very hub: its address is `/mcp` on a loopback
/// address at `port`, its program is `slm-hub connect` or `slm-hub mcp`, or it
/// bridges to such an address.
bool points_at_hub(const server_config& server, uint16_t port);

/// Whether `url` is `/mcp` or below it on a loopback address at `port`.
bool is_hub_url(std::string_view url, uint16_t port);

} // namespace hub
