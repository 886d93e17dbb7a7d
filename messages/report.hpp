#pragma once

#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <map>
#include <string>

namespace hub {

/// Asks a part of the hub to tell of itself, or to do something about itself.
struct get_report {
  /// What of it, such as `calls`; the last part of the path.
  std::string what;

  /// What stands behind the `?`.
  std::string query;

  /// Whether something is to be done (POST), and not only told.
  bool act = false;
};

/// What it tells.
struct report {
  /// As HTTP has it.
  int status = 200;

  std::string content_type = "application/json";
  std::string text;
};

/// A part of the hub that tells of itself.
using report_actor = protocol<
  caf::replies_to<get_report>::with<report>>::handle;

/// All of them, by the part of the path behind `/api/`.
using report_actors = std::map<std::string, report_actor, std::less<>>;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::get_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::report)
