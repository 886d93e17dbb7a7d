#pragma once

#include "actors/transport/http/http_fetch.hpp"

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace hub {

/// What a server said to a request that lacks authorization.
struct auth_challenge {
  /// 401 or 403; 0 if nothing was refused and credentials are only due.
  int status = 0;

  /// The URL that refused, after redirects.
  std::string url;

  /// The values of `WWW-Authenticate`.
  std::vector<std::string> www_authenticate;

  /// The headers of the authorizer that were refused, so that one who already has
  /// newer ones can tell.
  fetch_headers refused;
};

/// There is no authorization to be had: sentences, as in `transport_closed`.
struct auth_denied {
  std::string cause;
  std::string fix;
};

/// The headers to send, or why there are none.
using auth_verdict = std::variant<fetch_headers, auth_denied>;

/// Gives the requests of one HTTP server their credentials. It lives on the shard of
/// its transport and is destroyed there with it.
class authorizer {
public:
  virtual ~authorizer() = default;

  /// The headers for the next request, or null if they have to be obtained first.
  /// They are valid until the next call of a member. They stay with the origin of the
  /// server.
  virtual const fetch_headers* ready() = 0;

  /// Gets headers, new ones if some were refused. `done` is called on the shard in a
  /// `shard::scope`, at once or later, exactly once unless the authorizer is destroyed
  /// before. Many may wait at a time.
  virtual void obtain(auth_challenge why, std::function<void(auth_verdict)> done) = 0;
};

} // namespace hub
