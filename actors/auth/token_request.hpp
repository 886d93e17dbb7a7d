#pragma once

#include "actors/auth/credentials.hpp"
#include "actors/auth/oauth_settings.hpp"
#include "actors/auth/web_request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hub {

using form_fields = std::vector<std::pair<std::string, std::string>>;

/// Why no token came: the code of RFC 6749, section 5.2, and what the server says
/// to it; both empty if it said neither.
struct token_refusal {
  std::string code;
  std::string cause;
};

/// A request to the token or the revocation endpoint, with the proof of who the
/// client is in the way it was agreed on (RFC 6749, section 2.3; RFC 7523). Nothing
/// if the configured key cannot sign.
std::optional<web_request> token_request(const std::string& endpoint, const form_fields& fields,
                                         const oauth_client& client, const oauth_settings& settings,
                                         const std::string& issuer, int64_t now);

/// Asks for the next token of a grant; nothing as above, or if it has no refresh
/// token.
std::optional<web_request> refresh_request(const credentials& known, const oauth_settings& settings, int64_t now);

/// Takes a grant back (RFC 7009); nothing if the server offers no way.
std::optional<web_request> revocation_request(const credentials& known, const oauth_settings& settings, int64_t now);

/// Puts the tokens of an answer into `into`, which keeps its refresh token and its
/// scopes if the answer brings none (RFC 6749, sections 5.1 and 6).
std::optional<token_refusal> read_tokens(const web_answer& answer, int64_t now, credentials& into);

/// `what` as a part of a sentence for people: one line of at most 200 characters.
std::string told_by_server(std::string_view what);

} // namespace hub
