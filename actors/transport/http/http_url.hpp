#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// Where a request goes: an absolute `http` or `https` URL in its parts (RFC
/// 3986), without the fragment.
struct http_url {
  bool secure = false;

  /// In lower case; an IPv6 address without its brackets.
  std::string host;

  /// 1 to 65535.
  uint16_t port = 80;

  /// Path and query as they stand in the request line; starts with `/`.
  std::string target = "/";

  /// `user:password`, decoded; empty for none. A secret.
  std::string user_info;

  /// What the header `Host` says: host and, unless it is the usual one, port.
  std::string authority() const;

  /// Appends `authority()` to `text`.
  void append_authority(std::string& text) const;

  /// `host:port`, as CONNECT has it.
  std::string authority_with_port() const;

  /// Scheme, host and port (RFC 6454): `https://example.org:8443`.
  std::string origin() const;

  /// The whole URL without `user_info`.
  std::string text() const;
};

/// Reads an absolute URL; nothing if it is none, or of another scheme.
std::optional<http_url> parse_http_url(std::string_view text);

/// What `reference`, absolute or relative, means at `base` (RFC 3986, section 5).
std::optional<http_url> resolve_http_url(const http_url& base, std::string_view reference);

/// Whether both have the same scheme, host and port.
bool same_origin(const http_url& a, const http_url& b) noexcept;

} // namespace hub
