#pragma once

#include "messages/access.hpp"
#include "messages/authorization.hpp"
#include "messages/call.hpp"
#include "messages/call_record.hpp"
#include "messages/client.hpp"
#include "messages/configuration.hpp"
#include "messages/lock.hpp"
#include "messages/management.hpp"
#include "messages/report.hpp"
#include "messages/supervisor.hpp"
#include "messages/tool_changes.hpp"

namespace hub {

/// The actors that the HTTP side asks.
struct server_neighbours {
  session_registry_actor sessions;
  supervisor_actor supervisor;
  call_actor calls;
  tool_lister_actor tools;
  login_actor logins;
  configuration_actor configuration;
  tool_review_actor reviews;

  /// The keeper of tokens; null if there is none.
  access_actor access = {};

  /// Null if there are no locks.
  lock_actor locks{};

  /// Who hears of what doors turn away; null if nobody does.
  call_observers observers = nullptr;

  /// Parts of the hub that tell of themselves, by what they tell.
  report_actors reports{};
};

} // namespace hub
