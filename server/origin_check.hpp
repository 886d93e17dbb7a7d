#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// Which requests a TCP door takes. A web page anywhere can make a browser send
/// requests to this machine; `Host` and `Origin` are what tells them apart from
/// those of the user's own programs (DNS rebinding).
struct origin_rules {
  /// The address or name that the door is bound to, without port.
  std::string bound_host;

  /// Origins that may use the hub besides loopback ones, each such as
  /// `https://app.example`. Compared without case.
  std::vector<std::string> cors_origins;
};

enum class origin_verdict : uint8_t { allowed, bad_host, bad_origin };

/// Judges the `Host` (with any port) and the `Origin` (empty if there was none) of
/// a request.
origin_verdict check_origin(const origin_rules& rules, std::string_view host,
                            std::string_view origin);

} // namespace hub
