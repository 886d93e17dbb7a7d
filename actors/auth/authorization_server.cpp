#include "actors/auth/authorization_server.hpp"

#include "actors/auth/json_document.hpp"

namespace hub {

std::vector<std::string> server_metadata_addresses(std::string_view issuer) {
  auto x = read_address(issuer);
  if (!x)
    return {};
  auto path = x->path;
  while (path.ends_with('/'))
    path.pop_back();
  auto root = x->origin();
  std::vector<std::string> result{root + "/.well-known/oauth-authorization-server" + path,
                                  root + "/.well-known/openid-configuration" + path};
  if (!path.empty())
    result.push_back(root + path + "/.well-known/openid-configuration");
  return result;
}

std::optional<authorization_server> read_authorization_server(std::string_view text) {
  if (!is_document(text))
    return std::nullopt;
  authorization_server result;
  auto read = [&](const char* key) { return document_text(text, key); };
  result.issuer = read("issuer");
  result.authorization_endpoint = read("authorization_endpoint");
  result.token_endpoint = read("token_endpoint");
  result.registration_endpoint = read("registration_endpoint");
  result.revocation_endpoint = read("revocation_endpoint");
  if (auto scopes = document_texts(text, "scopes_supported"))
    result.scopes_supported = std::move(*scopes);
  if (auto methods = document_texts(text, "token_endpoint_auth_methods_supported"))
    result.token_auth_methods = std::move(*methods);
  auto challenges = document_texts(text, "code_challenge_methods_supported");
  result.s256 = challenges && contains(*challenges, "S256");
  result.promises_iss = document_flag(text, "authorization_response_iss_parameter_supported");
  result.client_documents = document_flag(text, "client_id_metadata_document_supported");
  if (result.token_endpoint.empty())
    return std::nullopt;
  return result;
}

bool same_issuer(std::string_view issuer, std::string_view expected) {
  if (issuer == expected)
    return !issuer.empty();
  auto a = read_address(issuer);
  auto b = read_address(expected);
  auto is_root = [](auto& x) { return x && (x->path.empty() || x->path == "/") && x->query.empty(); };
  return is_root(a) && is_root(b) && a->origin() == b->origin();
}

authorization_server default_authorization_server(const web_address& resource) {
  authorization_server result;
  auto root = resource.origin();
  result.issuer = root;
  result.authorization_endpoint = root + "/authorize";
  result.token_endpoint = root + "/token";
  result.registration_endpoint = root + "/register";
  result.token_auth_methods = {"none", "client_secret_basic", "client_secret_post"};
  // That version demands PKCE of every server.
  result.s256 = true;
  return result;
}

} // namespace hub
