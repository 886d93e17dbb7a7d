#pragma once

#include "messages/secret.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>

namespace hub {

struct secret_fetcher_settings {
  /// Whether `${cmd:...}` runs anything.
  bool commands = false;

  /// How long a command, and a keyring, may take.
  std::chrono::milliseconds command_limit{10'000};
  std::chrono::milliseconds keyring_limit{30'000};
};

/// Gets secrets from programs (`cmd:`, run by `sh -c`) and from the user's keyring (`keyring:`, by
/// `secret-tool` of libsecret, or `security` on a Mac). It is detached, owned by the daemon, and
/// keeps nothing: each start of a server asks anew. What it gets is masked in the hub's own words.
struct secret_fetcher_state {
  secret_fetcher_settings settings;

  static constexpr const char* name = "secret-fetcher";
};

secret_actor::behavior_type secret_fetcher(secret_actor::stateful_pointer<secret_fetcher_state> self,
                                           secret_fetcher_settings settings);

} // namespace hub
