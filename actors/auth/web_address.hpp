#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// An absolute `http` or `https` address, in parts.
struct web_address {
  /// `http` or `https`.
  std::string scheme;

  /// In lower case; an IPv6 address in its brackets.
  std::string host;

  /// Digits; empty for the default of the scheme.
  std::string port;

  /// Empty, or from the first `/` up to the query.
  std::string path;

  /// Without the `?`.
  std::string query;

  /// `https://example.org:8443`, as in RFC 6454.
  std::string origin() const;

  /// The whole address, without a fragment.
  std::string text() const;
};

/// Reads an address. Nothing for other schemes, a user name in it, white space,
/// control characters or a broken port. A fragment is dropped.
std::optional<web_address> read_address(std::string_view text);

/// Whether `host` is `localhost` or a literal loopback address.
bool is_loopback(std::string_view host);

/// Whether `host` is a literal address that no public server has: private,
/// link-local, shared, unspecified or multicast (RFC 6890). Not loopback.
bool is_private(std::string_view host);

/// Why an address that `server` (or a document it named) told us must not be
/// asked, or nothing: it has to be `https`, or `http` on this machine if the
/// server is on this machine; and a server elsewhere may not send us to this
/// machine or into a private network (MCP, "Security Best Practices", SSRF).
std::optional<std::string> why_forbidden(const web_address& server, std::string_view discovered);

/// Whether `host` lies, by its name or address, on this machine or in a private
/// network: names without a dot, and below `local`, `internal`, `lan`, `home.arpa`.
bool is_inside(std::string_view host);

} // namespace hub
