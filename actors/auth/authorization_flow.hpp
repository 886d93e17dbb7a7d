#pragma once

#include "actors/auth/authorization_server.hpp"
#include "actors/auth/bearer_challenge.hpp"
#include "actors/auth/credentials.hpp"
#include "actors/auth/oauth_settings.hpp"
#include "actors/auth/protected_resource.hpp"
#include "actors/auth/token_request.hpp"
#include "actors/auth/web_request.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hub {

/// What a flow starts from.
struct flow_start {
  /// The configured name of the MCP server.
  std::string server;

  oauth_settings settings;

  /// Where the browser comes back to; not needed without a user.
  std::string redirect_uri;

  /// What the server answered to a request; nothing if it is to be asked.
  std::optional<bearer_challenge> challenge;

  /// What is stored of an earlier grant.
  std::optional<credentials> known;
};

/// The user has to open this address.
struct user_errand {
  std::string address;
};

/// It is done.
struct grant_given {
  credentials grant;
};

/// It cannot be done. Both are sentences for people, without any secret.
struct flow_failure {
  std::string cause;
  std::string fix;
};

/// What to do next.
using flow_step = std::variant<web_request, user_errand, grant_given, flow_failure>;

/// How the hub gets a grant at one server (MCP 2025-03-26 to 2026-07-28,
/// "Authorization"): the server is asked what it wants, its metadata and that of
/// its authorization server are read, the hub registers if it must, the user
/// agrees in a browser, and the code becomes tokens. It sends nothing and has no
/// clock: each function says what is to be done, until a grant or a failure.
///
/// A server may lie in all that it says. Addresses are checked before they are
/// asked, documents must speak for who was asked, and there are at most a dozen
/// requests in a flow.
class authorization_flow {
public:
  explicit authorization_flow(flow_start start);

  /// The first step.
  flow_step begin();

  /// The answer to the request of the last step has come.
  flow_step answered(const web_answer& answer, int64_t now);

  /// The browser has come back with `fields`; only after a `user_errand`.
  flow_step returned(const form_fields& fields, int64_t now);

  /// What the browser has to bring back: nobody can guess it.
  const std::string& state() const noexcept {
    return state_;
  }

private:
  enum class phase { probe, resource, server, registration, user, token, over };

  flow_step ask_resource();
  flow_step ask_next_document();
  flow_step document_came(const web_answer& answer);
  flow_step resource_came(protected_resource document);
  flow_step ask_server(std::string issuer);
  flow_step no_resource_metadata();
  flow_step server_came();
  flow_step registration_came(const web_answer& answer);
  flow_step send_user();
  flow_step ask_tokens(form_fields fields);
  flow_step tokens_came(const web_answer& answer);
  web_request guarded(web_request request) const;
  flow_step fail(std::string cause, std::string fix = {});

  std::vector<std::string> wanted_scopes() const;

  flow_start start_;
  std::optional<web_address> url_;
  phase phase_ = phase::probe;

  /// Seconds of Unix time, as the last event told.
  int64_t now_ = 0;

  /// Where the document that is looked for may lie, and the next place to look.
  std::vector<std::string> places_;
  size_t next_place_ = 0;
  std::string asked_;

  /// The issuer whose metadata is looked for.
  std::string expected_issuer_;

  /// The server has no metadata of its own, as before 2025-06-18.
  bool legacy_ = false;

  protected_resource resource_;
  authorization_server server_;
  oauth_client client_;
  std::vector<std::string> scopes_;
  std::string state_;
  std::string verifier_;
};

} // namespace hub
