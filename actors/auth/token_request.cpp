#include "actors/auth/token_request.hpp"

#include "actors/auth/client_assertion.hpp"
#include "actors/auth/form_text.hpp"
#include "actors/auth/json_document.hpp"
#include "messages/base64.hpp"
#include "messages/percent_text.hpp"

#include <algorithm>
#include <cctype>

namespace hub {

namespace {

constexpr size_t token_bytes_max = 16 * 1024;

/// What can stand in a header (RFC 6750, section 2.1, is stricter; servers are not).
bool is_token(const std::string& text) {
  return !text.empty() && text.size() <= token_bytes_max
         && std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

bool is_bearer(std::string type) {
  std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return std::tolower(c); });
  return type == "bearer";
}

} // namespace

std::optional<web_request> token_request(const std::string& endpoint, const form_fields& fields,
                                         const oauth_client& client, const oauth_settings& settings,
                                         const std::string& issuer, int64_t now) {
  std::string form;
  for (auto& [name, value] : fields)
    if (!value.empty())
      append_field(form, name, value);
  if (client.auth_method == "private_key_jwt") {
    auto assertion = client_assertion(settings.private_key, client.id, issuer, now);
    if (!assertion)
      return std::nullopt;
    append_field(form, "client_id", client.id);
    append_field(form, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    append_field(form, "client_assertion", *assertion);
    return post_form(endpoint, std::move(form));
  }
  // Beside HTTP Basic it says nothing new, but there are servers that look for it here alone.
  append_field(form, "client_id", client.id);
  auto& secret = client.configured ? settings.client_secret : client.secret;
  if (client.auth_method == "client_secret_basic") {
    auto result = post_form(endpoint, std::move(form));
    result.headers.emplace_back("Authorization",
                                "Basic " + base64(percent_encode(client.id) + ":" + percent_encode(secret)));
    return result;
  }
  if (client.auth_method == "client_secret_post")
    append_field(form, "client_secret", secret);
  return post_form(endpoint, std::move(form));
}

std::optional<web_request> refresh_request(const credentials& known, const oauth_settings& settings, int64_t now) {
  if (known.refresh_token.empty() || known.token_endpoint.empty())
    return std::nullopt;
  form_fields fields{{"grant_type", "refresh_token"},
                     {"refresh_token", known.refresh_token},
                     {"resource", known.resource}};
  return token_request(known.token_endpoint, fields, known.client, settings, known.issuer, now);
}

std::optional<web_request> revocation_request(const credentials& known, const oauth_settings& settings, int64_t now) {
  if (known.revocation_endpoint.empty())
    return std::nullopt;
  // With the refresh token the access tokens that came of it go, too.
  auto has_refresh = !known.refresh_token.empty();
  auto& token = has_refresh ? known.refresh_token : known.access_token;
  if (token.empty())
    return std::nullopt;
  form_fields fields{{"token", token}, {"token_type_hint", has_refresh ? "refresh_token" : "access_token"}};
  return token_request(known.revocation_endpoint, fields, known.client, settings, known.issuer, now);
}

std::optional<token_refusal> read_tokens(const web_answer& answer, int64_t now, credentials& into) {
  auto document = is_document(answer.body) ? std::string_view{answer.body} : std::string_view{"{}"};
  if (!answer.good()) {
    token_refusal why{document_text(document, "error"), document_text(document, "error_description")};
    if (why.cause.empty())
      why.cause = why.code;
    if (why.cause.empty())
      why.cause = answer.status == 0 ? answer.cause : "status " + std::to_string(answer.status);
    why.cause = told_by_server(why.cause);
    return why;
  }
  auto token = document_text(document, "access_token");
  if (!is_token(token))
    return token_refusal{"", "an answer without a usable access token"};
  if (auto type = document_text(document, "token_type"); !is_bearer(type))
    return token_refusal{"", "a token of the type \"" + told_by_server(type) + "\", which is not Bearer"};
  into.access_token = std::move(token);
  if (auto next = document_text(document, "refresh_token"); is_token(next))
    into.refresh_token = std::move(next);
  into.issued_at = now;
  auto life = document_number(document, "expires_in");
  into.expires_at = life && *life > 0 ? now + *life : 0;
  if (auto scopes = words_of(document_text(document, "scope")); !scopes.empty())
    into.scopes = std::move(scopes);
  return std::nullopt;
}

std::string told_by_server(std::string_view what) {
  constexpr size_t shown = 200;
  std::string result{what.substr(0, shown)};
  for (auto& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F)
      c = ' ';
  return what.size() > shown ? result + "..." : result;
}

} // namespace hub
