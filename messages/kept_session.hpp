#pragma once

#include "messages/answer.hpp"
#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace hub {

/// What of a session outlives the hub: enough to go on with it.
struct kept_session {
  /// The value of `Mcp-Session-Id`.
  std::string id;

  hub::door door;
  std::shared_ptr<const client_context> client;

  /// The severity from which on the client wants log messages.
  log_level logs = log_level::debug;

  /// When it was last used, in seconds since 1970; give or take half a minute.
  int64_t used_at = 0;
};

/// A session was opened.
struct keep_session {
  kept_session session;
};

/// A session was used, or its client wants other log messages. One that is not kept
/// stays so.
struct touch_session {
  std::string id;
  log_level logs = log_level::debug;
  int64_t used_at = 0;
};

/// A session has ended.
struct forget_session {
  std::string id;
};

/// Keeps sessions on disk.
using session_store_actor = protocol<
  caf::reacts_to<keep_session>,
  caf::reacts_to<touch_session>,
  caf::reacts_to<forget_session>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::keep_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::touch_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::forget_session)
