#pragma once

#include "messages/call.hpp"
#include "messages/client.hpp"
#include "messages/management.hpp"
#include "messages/supervisor.hpp"

namespace hub {

/// The actors that the HTTP side asks.
struct server_neighbours {
  session_registry_actor sessions;
  supervisor_actor supervisor;
  call_actor calls;
  tool_lister_actor tools;
};

} // namespace hub
