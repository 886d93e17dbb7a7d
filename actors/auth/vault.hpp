#pragma once

#include "actors/auth/credentials.hpp"
#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>
#include <caf/typed_actor.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace hub {

/// Asks for what is kept of a server.
struct load_grant {
  std::string server;

  /// Its address, for which alone it was kept.
  std::string url;
};

struct grant_loaded {
  std::optional<credentials> grant;

  /// What went wrong and what to do; empty if nothing did.
  std::string cause;
  std::string fix;
};

/// Keeps a grant in place of what there was.
struct keep_grant {
  std::string server;
  std::string url;
  credentials grant;
};

struct drop_grant {
  std::string server;
};

/// The disk with the grants. It has a thread of its own, because files block, from
/// the moment a grant is first looked for; what fails is logged.
using vault_actor = protocol<
  caf::replies_to<load_grant>::with<grant_loaded>,
  caf::reacts_to<keep_grant>,
  caf::reacts_to<drop_grant>>::handle;

/// Starts the vault over `folder`.
vault_actor spawn_vault(caf::actor_system& system, std::filesystem::path folder);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::load_grant)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::grant_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::keep_grant)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::drop_grant)
