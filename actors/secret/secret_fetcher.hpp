#pragma once

#include "messages/secret.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <memory>

namespace hub {

struct secret_fetcher_settings {
  /// Whether `${cmd:...}` runs anything.
  bool commands = false;

  /// How long a command, and a keyring, may take.
  std::chrono::milliseconds command_limit{10'000};
  std::chrono::milliseconds keyring_limit{30'000};

  /// Set when the hub ends, which waits for no program; not null.
  std::shared_ptr<const std::atomic<bool>> ending = std::make_shared<std::atomic<bool>>(false);
};

/// Gets secrets from programs (`cmd:`, run by `sh -c`) and from the user's keyring (`keyring:`, by
/// `secret-tool` of libsecret, or `security` on a Mac). It is detached, made by a
/// backend for one start of its server, and ends with its answer: no source is waited for by another server. What it gets is masked in the hub's own words.
struct secret_fetcher_state {
  secret_fetcher_settings settings;

  static constexpr const char* name = "secret-fetcher";
};

secret_actor::behavior_type secret_fetcher(secret_actor::stateful_pointer<secret_fetcher_state> self,
                                           secret_fetcher_settings settings);

} // namespace hub
