#pragma once

#include "actors/transport/http/http_url.hpp"

#include <optional>
#include <string>
#include <variant>

namespace hub {

/// Which proxy a request takes, as environments and settings say it. Values may
/// hold a password: never log them.
struct proxy_rules {
  /// The setting `proxy` of a server: counts for every URL. `none` is no proxy,
  /// whatever the environment says; empty leaves it to the environment.
  std::string always;

  /// HTTP_PROXY, HTTPS_PROXY, or ALL_PROXY in place of either.
  std::string http;
  std::string https;

  /// NO_PROXY: names, with the domains below them, addresses and networks that are
  /// reached directly, comma separated; `*` is all. A loopback address is always
  /// reached directly, unless `always` names a proxy.
  std::string except;
};

/// Why no proxy could be chosen: a sentence each.
struct bad_proxy {
  std::string cause;
  std::string fix;
};

/// The proxy for `url`, nothing for a direct connection.
std::variant<std::optional<http_url>, bad_proxy> choose_proxy(const proxy_rules& rules, const http_url& url);

} // namespace hub
