#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// Who the hub is at one authorization server.
struct oauth_client {
  std::string id;
  std::string secret;

  /// `none`, `client_secret_basic`, `client_secret_post` or `private_key_jwt`.
  std::string auth_method;

  /// What it was registered with; empty unless it registered itself.
  std::string redirect_uri;

  /// Seconds of Unix time; 0 if it holds for ever.
  int64_t secret_expires_at = 0;

  /// It comes from the configuration, so its secret is never stored.
  bool configured = false;
};

/// All that the hub holds of one server's grant. It holds secrets: it is only
/// ever stored sealed.
struct credentials {
  /// Empty if there is no token, but a registration to use again.
  std::string access_token;
  std::string refresh_token;

  /// Seconds of Unix time; 0 if nobody said.
  int64_t expires_at = 0;

  /// When it was issued, in seconds of Unix time.
  int64_t issued_at = 0;

  /// What was granted, or asked for where the server does not say.
  std::vector<std::string> scopes;

  std::string issuer;
  std::string token_endpoint;
  std::string revocation_endpoint;
  std::string resource;
  oauth_client client;

  /// From when on the token should be replaced before it is used, in seconds of
  /// Unix time: a minute before it ends, or a tenth of a short life. The greatest
  /// number if nobody said when it ends.
  int64_t stale_from() const noexcept;

  bool is_stale(int64_t now) const noexcept {
    return access_token.empty() || now >= stale_from();
  }

  /// True if it has ended.
  bool has_ended(int64_t now) const noexcept {
    return access_token.empty() || (expires_at != 0 && now >= expires_at);
  }
};

/// As JSON, without the secret of a configured client.
std::string to_document(const credentials& x);

/// Nothing if it is not what `to_document` writes.
std::optional<credentials> read_credentials(std::string_view document);

} // namespace hub
