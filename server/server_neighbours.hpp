#pragma once

#include "messages/access.hpp"
#include "messages/authorization.hpp"
#include "messages/call.hpp"
#include "messages/client.hpp"
#include "messages/configuration.hpp"
#include "messages/management.hpp"
#include "messages/supervisor.hpp"

namespace hub {

/// The actors that the HTTP side asks.
struct server_neighbours {
  session_registry_actor sessions;
  supervisor_actor supervisor;
  call_actor calls;
  tool_lister_actor tools;
  login_actor logins;
  configuration_actor configuration;

  /// The keeper of tokens; null if there is none.
  access_actor access = {};
};

} // namespace hub
