#pragma once

#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <string>

namespace hub {

/// Has something small kept for the next hub, in place of what was kept under this name.
struct keep_note {
  /// Such as `uses`.
  std::string name;

  /// Any bytes; empty forgets the note.
  std::string payload;
};

/// Whoever keeps notes between runs of the hub.
using note_store_actor = protocol<
  caf::reacts_to<keep_note>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::keep_note)
