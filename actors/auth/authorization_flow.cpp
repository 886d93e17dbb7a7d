#include "actors/auth/authorization_flow.hpp"

#include "actors/auth/client_registration.hpp"
#include "actors/auth/form_text.hpp"
#include "actors/auth/json_document.hpp"
#include "actors/auth/pkce.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

/// A request that makes no session at a server of any era and does nothing, for
/// the challenge that comes back.
web_request probe_of(const std::string& url) {
  return {"POST",
          url,
          {{"Accept", "application/json, text/event-stream"},
           {"Content-Type", "application/json"},
           {"MCP-Protocol-Version", "2026-07-28"},
           {"Mcp-Method", "server/discover"}},
          R"({"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{)"
          R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
          R"("io.modelcontextprotocol/clientInfo":{"name":"slm-hub","version":")" HUB_VERSION R"("},)"
          R"("io.modelcontextprotocol/clientCapabilities":{}}}})",
          false};
}

std::string said(const web_answer& answer) {
  return answer.status == 0 ? answer.cause : "status " + std::to_string(answer.status);
}

} // namespace

authorization_flow::authorization_flow(flow_start start)
  : start_(std::move(start)), url_(read_address(start_.settings.url)), state_(random_token()),
    verifier_(random_token()) {
  // nop
}

flow_step authorization_flow::begin() {
  if (!url_)
    return fail("its url is no address", "Correct \"url\" in its entry.");
  if (url_->scheme != "https" && !is_loopback(url_->host))
    return fail("its address is not https, and a token must not travel in the clear",
                "Use its https:// address.");
  if (start_.challenge)
    return ask_resource();
  phase_ = phase::probe;
  return probe_of(start_.settings.url);
}

flow_step authorization_flow::answered(const web_answer& answer, int64_t now) {
  now_ = now;
  switch (phase_) {
    case phase::probe:
      if (answer.status == 0)
        return fail("it does not answer: " + answer.cause, "Check that it runs and that its address is right.");
      start_.challenge = read_challenge(answer.www_authenticate).value_or(bearer_challenge{});
      return ask_resource();
    case phase::resource:
    case phase::server:
      return document_came(answer);
    case phase::registration:
      return registration_came(answer);
    case phase::token:
      return tokens_came(answer);
    case phase::user:
    case phase::over:
      break;
  }
  return fail("an answer came that nobody waited for");
}

flow_step authorization_flow::ask_resource() {
  phase_ = phase::resource;
  places_ = resource_metadata_addresses(*url_, start_.challenge->resource_metadata);
  next_place_ = 0;
  return ask_next_document();
}

flow_step authorization_flow::ask_next_document() {
  if (next_place_ == places_.size()) {
    if (phase_ == phase::resource)
      return no_resource_metadata();
    if (!legacy_)
      return fail("the authorization server " + told_by_server(expected_issuer_) + " has no metadata",
                  "Ask whoever runs it, or set \"issuer\" under \"oauth\" if another one is meant.");
    server_ = default_authorization_server(*url_);
    return server_came();
  }
  asked_ = places_[next_place_++];
  if (auto why = why_forbidden(*url_, asked_))
    return fail("it names the address " + told_by_server(asked_) + ", which " + *why);
  return guarded(get_document(asked_));
}

flow_step authorization_flow::document_came(const web_answer& answer) {
  // Only a clear no leads to the next place: a server that is down must not make
  // us take another document than the one it means.
  if (answer.status >= 400 && answer.status < 500)
    return ask_next_document();
  if (!answer.good())
    return fail("the address " + told_by_server(asked_) + " does not answer: " + said(answer), "Try again later.");
  if (phase_ == phase::resource) {
    auto document = read_protected_resource(answer.body);
    return document ? resource_came(std::move(*document)) : ask_next_document();
  }
  auto document = read_authorization_server(answer.body);
  if (!document)
    return ask_next_document();
  if (!same_issuer(document->issuer, expected_issuer_))
    return fail("the metadata of the authorization server " + told_by_server(expected_issuer_)
                + " speaks for another issuer, " + told_by_server(document->issuer));
  server_ = std::move(*document);
  return server_came();
}

flow_step authorization_flow::resource_came(protected_resource document) {
  if (!covers(document.resource, *url_))
    return fail("its metadata is for another resource, " + told_by_server(document.resource),
                "Check its url; a token for another resource is not asked for.");
  resource_ = std::move(document);
  auto& offered = resource_.authorization_servers;
  auto wanted = !start_.settings.issuer.empty() ? start_.settings.issuer : start_.known ? start_.known->issuer : "";
  auto i = std::find_if(offered.begin(), offered.end(), [&](auto& x) { return same_issuer(x, wanted); });
  if (i == offered.end() && !start_.settings.issuer.empty())
    return fail("it does not take tokens of the configured issuer, but of " + told_by_server(offered.front()),
                "Correct \"issuer\" and the client under \"oauth\".");
  return ask_server(i == offered.end() ? offered.front() : *i);
}

flow_step authorization_flow::no_resource_metadata() {
  legacy_ = true;
  resource_.resource = canonical_resource(*url_);
  phase_ = phase::server;
  expected_issuer_ = url_->origin();
  places_ = {url_->origin() + "/.well-known/oauth-authorization-server"};
  next_place_ = 0;
  return ask_next_document();
}

flow_step authorization_flow::ask_server(std::string issuer) {
  phase_ = phase::server;
  expected_issuer_ = std::move(issuer);
  places_ = server_metadata_addresses(expected_issuer_);
  next_place_ = 0;
  return ask_next_document();
}

flow_step authorization_flow::server_came() {
  for (auto* endpoint : {&server_.token_endpoint, &server_.authorization_endpoint, &server_.registration_endpoint,
                         &server_.revocation_endpoint})
    if (auto why = endpoint->empty() ? std::nullopt : why_forbidden(*url_, *endpoint))
      return fail("its authorization server names the address " + told_by_server(*endpoint) + ", which " + *why);
  scopes_ = wanted_scopes();
  auto& settings = start_.settings;
  auto known = start_.known ? &*start_.known : nullptr;
  if (settings.without_user) {
    if (settings.client_id.empty())
      return fail("the grant client_credentials needs a client", "Set \"client_id\" under \"oauth\".");
    client_ = *client_at(server_, settings, known, {}, now_);
    return ask_tokens({{"grant_type", "client_credentials"}, {"scope", joined(scopes_)}});
  }
  if (server_.authorization_endpoint.empty())
    return fail("its authorization server knows no logins of users",
                "Set \"grant\": \"client_credentials\" with a client under \"oauth\".");
  if (!server_.s256)
    return fail("its authorization server does not say that it takes code challenges by S256 (PKCE), without which a "
                "login is not safe",
                "Ask whoever runs it.");
  if (auto client = client_at(server_, settings, known, start_.redirect_uri, now_)) {
    client_ = std::move(*client);
    return send_user();
  }
  if (server_.registration_endpoint.empty())
    return fail("its authorization server registers no clients by itself",
                "Register one for " + start_.redirect_uri + " there, and set \"client_id\" under \"oauth\".");
  phase_ = phase::registration;
  return guarded(registration_request(server_, start_.redirect_uri, scopes_));
}

flow_step authorization_flow::registration_came(const web_answer& answer) {
  auto client = answer.good() ? read_registration(answer.body, server_, start_.redirect_uri) : std::nullopt;
  if (!client) {
    auto why = is_document(answer.body) ? document_text(answer.body, "error_description") : "";
    return fail("its authorization server did not register the hub: " + (why.empty() ? said(answer) : told_by_server(why)),
                "Register a client there, and set \"client_id\" under \"oauth\".");
  }
  client_ = std::move(*client);
  return send_user();
}

flow_step authorization_flow::send_user() {
  phase_ = phase::user;
  std::string query;
  append_field(query, "response_type", "code");
  append_field(query, "client_id", client_.id);
  append_field(query, "redirect_uri", start_.redirect_uri);
  append_field(query, "state", state_);
  append_field(query, "code_challenge", s256_challenge(verifier_));
  append_field(query, "code_challenge_method", "S256");
  if (!scopes_.empty())
    append_field(query, "scope", joined(scopes_));
  // Otherwise OpenID servers give no refresh token (OpenID Connect Core, 11).
  if (contains(scopes_, "offline_access"))
    append_field(query, "prompt", "consent");
  append_field(query, "resource", resource_.resource);
  auto address = *read_address(server_.authorization_endpoint);
  address.query += (address.query.empty() ? "" : "&") + query;
  return user_errand{address.text()};
}

flow_step authorization_flow::returned(const form_fields& fields, int64_t now) {
  now_ = now;
  if (phase_ != phase::user || field_of(fields, "state") != state_)
    return fail("the browser came back with another state than it was sent with");
  auto iss = field_of(fields, "iss");
  // Compared as text (RFC 9207, section 2.4), before anything else is believed.
  if (iss.empty() ? server_.promises_iss : iss != server_.issuer)
    return fail(iss.empty() ? "the answer to the login does not say which authorization server it is from"
                            : "the answer to the login is from another authorization server, " + told_by_server(iss),
                "Log in again; if it stays so, do not trust this server.");
  if (auto error = field_of(fields, "error"); !error.empty()) {
    auto why = field_of(fields, "error_description");
    return fail("the login was refused: " + told_by_server(why.empty() ? error : why));
  }
  auto code = field_of(fields, "code");
  if (code.empty())
    return fail("the browser came back without a code");
  return ask_tokens({{"grant_type", "authorization_code"},
                     {"code", code},
                     {"redirect_uri", start_.redirect_uri},
                     {"code_verifier", verifier_}});
}

flow_step authorization_flow::ask_tokens(form_fields fields) {
  phase_ = phase::token;
  fields.emplace_back("resource", resource_.resource);
  auto request = token_request(server_.token_endpoint, fields, client_, start_.settings, server_.issuer, now_);
  if (!request)
    return fail("the private key under \"oauth\" cannot sign",
                "Give a key in PEM without a passphrase: EC P-256, RSA or Ed25519.");
  return guarded(std::move(*request));
}

flow_step authorization_flow::tokens_came(const web_answer& answer) {
  credentials grant;
  grant.scopes = scopes_;
  if (auto why = read_tokens(answer, now_, grant))
    return fail("its authorization server gave no token: " + why->cause,
                start_.settings.without_user ? "Check the client under \"oauth\"." : "");
  phase_ = phase::over;
  grant.issuer = server_.issuer;
  grant.token_endpoint = server_.token_endpoint;
  grant.revocation_endpoint = server_.revocation_endpoint;
  grant.resource = resource_.resource;
  grant.client = client_;
  return grant_given{std::move(grant)};
}

/// What a server names may turn out to lie in a private network when its name is
/// looked up, which only a server that lies there itself may name.
web_request authorization_flow::guarded(web_request request) const {
  auto target = read_address(request.url);
  auto own = target && target->origin() == url_->origin();
  request.public_only = !own && !start_.settings.private_network && !is_inside(url_->host);
  return request;
}

flow_step authorization_flow::fail(std::string cause, std::string fix) {
  phase_ = phase::over;
  if (fix.empty())
    fix = start_.settings.without_user ? "Ask whoever runs the server."
                                       : "Try again with: slm-hub login " + start_.server;
  return flow_failure{std::move(cause), std::move(fix)};
}

/// What the challenge asks for, else what the server's metadata lists (MCP, "Scope
/// Selection Strategy"), with what the configuration adds; what was granted before
/// stays when a request needs more.
std::vector<std::string> authorization_flow::wanted_scopes() const {
  auto& challenge = *start_.challenge;
  auto& own = start_.settings.scopes;
  auto result = words_of(challenge.scope);
  if (result.empty() && own.empty())
    result = resource_.scopes_supported;
  result = united(std::move(result), own);
  if (challenge.error == "insufficient_scope" && start_.known)
    result = united(start_.known->scopes, result);
  if (!start_.settings.without_user && !result.empty() && contains(server_.scopes_supported, "offline_access"))
    result = united(std::move(result), {"offline_access"});
  return result;
}

} // namespace hub
