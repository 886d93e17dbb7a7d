#pragma once

#include "messages/backend.hpp"
#include "messages/client.hpp"
#include "messages/supervisor.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <string>

namespace hub {

/// Says who starts servers; comes before anything else.
struct meet_supervisor {
  supervisor_actor supervisor;
};

/// A resource as its server names it.
struct resource_name {
  std::string server;
  std::string uri;

  auto operator<=>(const resource_name&) const = default;
};

/// A session wants to hear of changes of a resource. The server is started and told
/// if nobody watched it before; its error is the answer then.
struct watch_resource {
  resource_name resource;
  session_actor watcher;
};

/// A session wants to hear of it no more. The last one to say so takes the
/// subscription at the server back.
struct unwatch_resource {
  resource_name resource;
  session_actor watcher;
};

/// A run of a server takes calls. What is watched is subscribed to again.
struct server_ready {
  std::string server;
  backend_actor backend;
};

/// A server says that a resource has changed.
struct resource_updated {
  std::string server;

  /// The `params` of `notifications/resources/updated`.
  json_text params;
};

/// Counts over all sessions who watches which resource, and passes changes on to
/// those alone.
using watch_actor = protocol<
  caf::reacts_to<meet_supervisor>,
  caf::replies_to<watch_resource>::with<rpc_answer>,
  caf::replies_to<unwatch_resource>::with<rpc_answer>,
  caf::reacts_to<server_ready>,
  caf::reacts_to<resource_updated>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::meet_supervisor)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::watch_resource)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::unwatch_resource)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::server_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::resource_updated)
