#pragma once

#include "actors/catalog/snapshot.hpp"
#include "actors/session/route.hpp"

namespace hub {

/// The door `/mcp/{server}`: what the server says, as it says it. The lists and
/// the introduction come from its catalogue, so that it need not run for them.
/// @param server The configured server behind the door.
route route_transparent(const known_server& server, const client_request& request);

} // namespace hub
