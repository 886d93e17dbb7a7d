#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// What a server says about the token it wants (RFC 6750, section 3; RFC 9728,
/// section 5.1). Members that it leaves out are empty.
struct bearer_challenge {
  /// Where its metadata lies.
  std::string resource_metadata;

  /// The scopes it wants, separated by blanks.
  std::string scope;

  /// Such as `invalid_token` or `insufficient_scope`.
  std::string error;
};

/// Finds the first `Bearer` challenge in the value of a `WWW-Authenticate` header,
/// which may hold several challenges (RFC 9110, section 11.6.1). Several such
/// headers may be joined by commas.
std::optional<bearer_challenge> read_challenge(std::string_view header);

} // namespace hub
