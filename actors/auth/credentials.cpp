#include "actors/auth/credentials.hpp"

#include "actors/auth/json_document.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <limits>

namespace hub {

namespace {

constexpr int64_t early_s = 60;

} // namespace

int64_t credentials::stale_from() const noexcept {
  if (expires_at == 0)
    return std::numeric_limits<int64_t>::max();
  auto early = std::clamp<int64_t>((expires_at - issued_at) / 10, 1, early_s);
  // A new token is used at least once, however short it lives.
  return std::max(expires_at - early, issued_at + 1);
}

std::string to_document(const credentials& x) {
  std::string result = "{\"version\":1";
  auto text = [&result](std::string_view key, std::string_view value) {
    if (!value.empty())
      result.append(",\"").append(key).append("\":").append(rpc::quote(value));
  };
  auto number = [&result](std::string_view key, int64_t value) {
    result.append(",\"").append(key).append("\":").append(std::to_string(value));
  };
  text("access_token", x.access_token);
  text("refresh_token", x.refresh_token);
  number("expires_at", x.expires_at);
  number("issued_at", x.issued_at);
  text("scope", joined(x.scopes));
  text("issuer", x.issuer);
  text("token_endpoint", x.token_endpoint);
  text("revocation_endpoint", x.revocation_endpoint);
  text("resource", x.resource);
  text("client_id", x.client.id);
  if (!x.client.configured)
    text("client_secret", x.client.secret);
  text("auth_method", x.client.auth_method);
  text("redirect_uri", x.client.redirect_uri);
  number("secret_expires_at", x.client.secret_expires_at);
  result += x.client.configured ? ",\"configured\":true}" : ",\"configured\":false}";
  return result;
}

std::optional<credentials> read_credentials(std::string_view document) {
  if (!is_document(document) || document_number(document, "version") != 1)
    return std::nullopt;
  auto text = [&](const char* key) { return document_text(document, key); };
  auto number = [&](const char* key) { return document_number(document, key).value_or(0); };
  credentials result;
  result.access_token = text("access_token");
  result.refresh_token = text("refresh_token");
  result.expires_at = number("expires_at");
  result.issued_at = number("issued_at");
  result.scopes = words_of(text("scope"));
  result.issuer = text("issuer");
  result.token_endpoint = text("token_endpoint");
  result.revocation_endpoint = text("revocation_endpoint");
  result.resource = text("resource");
  result.client.id = text("client_id");
  result.client.secret = text("client_secret");
  result.client.auth_method = text("auth_method");
  result.client.redirect_uri = text("redirect_uri");
  result.client.secret_expires_at = number("secret_expires_at");
  result.client.configured = document_flag(document, "configured");
  return result;
}

} // namespace hub
