#include "actors/auth/client_registration.hpp"

#include "actors/auth/json_document.hpp"
#include "messages/rpc/json_scan.hpp"

namespace hub {

std::string choose_auth_method(const std::vector<std::string>& taken, bool has_secret, bool has_key) {
  if (has_key)
    return "private_key_jwt";
  if (!has_secret)
    return "none";
  for (auto* method : {"client_secret_basic", "client_secret_post"})
    if (contains(taken, method))
      return method;
  // It has given us a secret, or the user did, so it takes it somehow.
  return "client_secret_basic";
}

std::optional<oauth_client> client_at(const authorization_server& server, const oauth_settings& settings,
                                      const credentials* known, const std::string& redirect_uri, int64_t now) {
  if (!settings.client_id.empty()) {
    oauth_client result;
    result.id = settings.client_id;
    result.secret = settings.client_secret;
    result.auth_method
      = choose_auth_method(server.token_auth_methods, !result.secret.empty(), !settings.private_key.empty());
    result.configured = true;
    return result;
  }
  if (server.client_documents && !settings.client_metadata_url.empty()) {
    oauth_client result;
    result.id = settings.client_metadata_url;
    result.auth_method = choose_auth_method(server.token_auth_methods, false, !settings.private_key.empty());
    result.configured = true;
    return result;
  }
  // Credentials belong to the issuer that gave them out, and to no other.
  if (known && known->issuer == server.issuer && !known->client.configured && !known->client.id.empty()
      && known->client.redirect_uri == redirect_uri
      && (known->client.secret_expires_at == 0 || now < known->client.secret_expires_at))
    return known->client;
  return std::nullopt;
}

web_request registration_request(const authorization_server& server, const std::string& redirect_uri,
                                 const std::vector<std::string>& scopes) {
  auto& taken = server.token_auth_methods;
  // A program on a user's machine keeps no secret, if the server does not insist.
  std::string method = contains(taken, "none") ? "none" : choose_auth_method(taken, true, false);
  std::string body = R"({"client_name":"slm-hub","application_type":"native","redirect_uris":[)";
  body += rpc::quote(redirect_uri);
  body += R"(],"grant_types":["authorization_code","refresh_token"],"response_types":["code"],)";
  body += R"("token_endpoint_auth_method":)" + rpc::quote(method);
  if (!scopes.empty())
    body += ",\"scope\":" + rpc::quote(joined(scopes));
  body += '}';
  return {"POST",
          server.registration_endpoint,
          {{"Accept", "application/json"}, {"Content-Type", "application/json"}},
          std::move(body),
          false};
}

std::optional<oauth_client> read_registration(std::string_view body, const authorization_server& server,
                                              const std::string& redirect_uri) {
  if (!is_document(body))
    return std::nullopt;
  oauth_client result;
  result.id = document_text(body, "client_id");
  if (result.id.empty())
    return std::nullopt;
  result.secret = document_text(body, "client_secret");
  result.secret_expires_at = document_number(body, "client_secret_expires_at").value_or(0);
  result.auth_method = document_text(body, "token_endpoint_auth_method");
  auto known = result.auth_method == "none"
               || (!result.secret.empty()
                   && (result.auth_method == "client_secret_basic" || result.auth_method == "client_secret_post"));
  if (!known)
    result.auth_method = choose_auth_method(server.token_auth_methods, !result.secret.empty(), false);
  result.redirect_uri = redirect_uri;
  return result;
}

} // namespace hub
