#pragma once

#include "actors/auth/authorization_flow.hpp"
#include "actors/auth/bearer_cell.hpp"
#include "actors/auth/oauth_settings.hpp"
#include "actors/auth/vault.hpp"
#include "actors/auth/web.hpp"
#include "messages/authorization.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>

namespace hub {

/// Sent by the grants to themselves: something is due.
struct grants_tick {};

/// From now on, changes of grants are told to `watcher`.
struct watch_grants {
  grant_watcher_actor watcher;
};

/// The holder of all grants.
using grants_actor = protocol<
  caf::replies_to<begin_login>::with<login_begun>,
  caf::replies_to<await_login>::with<login_status>,
  caf::replies_to<end_login>::with<login_status>,
  caf::replies_to<log_out>::with<logged_out>,
  caf::reacts_to<watch_grants>,
  caf::reacts_to<grants_tick>>::also<grant_holder_actor>::handle;

/// How a server gets its tokens, or why it gets none: `cause` is a whole sentence.
using oauth_resolver = std::function<std::variant<oauth_settings, flow_failure>(const std::string& server)>;

struct grants_settings {
  /// Where the current token of a server goes, as long as it is reached as it is; null
  /// if it takes none.
  std::function<std::shared_ptr<bearer_cell>(const std::string& server)> cell_of;

  oauth_resolver resolve;

  /// Called when the first grant is looked for.
  std::function<web_actor(caf::actor_system&)> open_web;
  std::function<vault_actor(caf::actor_system&)> open_vault;

  /// Seconds of Unix time.
  std::function<int64_t()> now;

  /// How long a user has to log in.
  std::chrono::seconds login_limit{600};

  /// After how long somebody who waits for a login hears that it goes on.
  std::chrono::seconds watch_limit{20};

  /// Requests of one server that wait for a token, and commands for its login.
  size_t waiters_max = 1024;
  size_t watchers_max = 16;
};

/// Starts the holder of all grants. It owns what the hub may do at HTTP servers:
/// the transports ask it before a request and when one is refused, the management
/// API begins and ends logins. It owns the vault and the way to authorization
/// servers and makes both when a server first wants a token. One token is got at a
/// time for each server; whoever comes meanwhile waits for it. If it dies, `reply`
/// answers whoever waits, and servers that want tokens cannot be used until the hub
/// is started again.
grants_actor spawn_grants(caf::actor_system& system, grants_settings settings);

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::grants_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::watch_grants)
