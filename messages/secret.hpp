#pragma once

#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <map>
#include <string>
#include <vector>

namespace hub {

/// A secret that a program or a keyring was asked for: its value, or why there is none.
struct fetched_secret {
  std::string value;

  /// Empty if there is a value. Both follow the rules of `launch_failure`.
  std::string cause;
  std::string fix;
};

/// By what stands between `${` and `}`: `cmd:...` or `keyring:...`. Never log, store or send
/// it anywhere but to the server that names it.
using fetched_secrets = std::map<std::string, fetched_secret, std::less<>>;

/// Asks for secrets, by what stands between `${` and `}`.
struct fetch_secrets {
  std::vector<std::string> names;
};

struct secrets_fetched {
  fetched_secrets secrets;
};

/// Runs the programs and asks the keyring. It has a thread of its own, for both may wait for
/// their user. Always answers, within half a minute for each secret.
using secret_actor = protocol<
  caf::replies_to<fetch_secrets>::with<secrets_fetched>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::fetch_secrets)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::secrets_fetched)
