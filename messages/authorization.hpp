#pragma once

#include "messages/protocol.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>

namespace hub {

/// Begins the login of the user at a server; one that is under way there is
/// given up.
struct begin_login {
  std::string server;

  /// Where the browser comes back to: an address of the hub on this machine.
  std::string redirect_uri;
};

struct login_begun {
  bool ok = false;

  /// What the user has to open; empty if nothing needs to be agreed to any more.
  std::string address;

  /// Names this login to `await_login`.
  uint64_t login = 0;

  /// What went wrong or was done, a sentence, and what to do.
  std::string message;
  std::string fix;
};

/// Waits for the end of a login, but not for ever: the answer may be that it
/// still goes on.
struct await_login {
  std::string server;
  uint64_t login = 0;
};

/// The browser came back with this query.
struct end_login {
  std::string query;
};

/// How a login stands.
struct login_status {
  enum class kind : uint8_t { waiting, done, failed };

  kind what = kind::waiting;
  std::string server;

  /// A sentence, and what to do; without any secret.
  std::string message;
  std::string fix;
};

/// Takes the hub's grant at a server back and forgets it.
struct log_out {
  std::string server;
};

struct logged_out {
  bool ok = false;
  std::string message;
  std::string fix;
};

/// Whoever logs the user in at servers.
using login_actor = protocol<
  caf::replies_to<begin_login>::with<login_begun>,
  caf::replies_to<await_login>::with<login_status>,
  caf::replies_to<end_login>::with<login_status>,
  caf::replies_to<log_out>::with<logged_out>>::handle;

/// A request is to be sent, or was refused: asks for the `Authorization` it should
/// have.
struct need_authorization {
  std::string server;

  /// 0 before a request; else the status that refused it, 401 or 403.
  int status = 0;

  /// The `Authorization` that was refused, if there was one.
  std::string used;

  /// The value of `WWW-Authenticate`, if the server sent it.
  std::string challenge;
};

struct authorization_given {
  /// False if there is no use in sending the request.
  bool ok = false;

  /// The value of the header; empty for none.
  std::string header;

  /// Why not: sentences for people; both empty if a 403 is not about
  /// authorization.
  std::string cause;
  std::string fix;

  /// True if the server takes nothing before the user has logged in.
  bool wants_login = false;
};

/// Whoever holds the hub's grants.
using grant_holder_actor = protocol<
  caf::replies_to<need_authorization>::with<authorization_given>>::handle;

/// The hub has got a grant at a server, or has none any more.
struct authorization_changed {
  std::string server;
  bool granted = false;

  /// Why not; sentences without their subject, as in `transport_closed`.
  std::string cause;
  std::string fix;
};

/// Whoever wants to know.
using grant_watcher_actor = protocol<caf::reacts_to<authorization_changed>>::handle;

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::begin_login)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::login_begun)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::await_login)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::end_login)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::login_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::log_out)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::logged_out)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::need_authorization)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::authorization_given)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::authorization_changed)
