#pragma once

#include "actors/auth/web_request.hpp"
#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <string>

namespace hub {

/// Sends a request for the login at a server.
struct fetch_document {
  /// Whose proxy and certificates count.
  std::string server;

  web_request request;
};

/// The way to authorization servers. It answers in any case, within half a minute.
using web_actor = protocol<caf::replies_to<fetch_document>::with<web_answer>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::fetch_document)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::web_answer)
