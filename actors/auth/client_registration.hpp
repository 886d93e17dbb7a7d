#pragma once

#include "actors/auth/authorization_server.hpp"
#include "actors/auth/credentials.hpp"
#include "actors/auth/oauth_settings.hpp"
#include "actors/auth/web_request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// How a client without its own wishes proves who it is at a server that takes
/// these methods: the best that both know, or empty.
std::string choose_auth_method(const std::vector<std::string>& taken, bool has_secret, bool has_key);

/// The client that needs no registration, in the order of MCP ("Client
/// Registration Approaches"): the configured one, then the one that was
/// registered before and still holds, then the metadata document. Nothing if the
/// hub has to register.
/// @param known What is stored of this server, or null.
std::optional<oauth_client> client_at(const authorization_server& server, const oauth_settings& settings,
                                      const credentials* known, const std::string& redirect_uri, int64_t now);

/// Registers a native application (RFC 7591; OpenID Connect Registration for
/// `application_type`).
web_request registration_request(const authorization_server& server, const std::string& redirect_uri,
                                 const std::vector<std::string>& scopes);

/// Reads the answer to a registration; nothing if it names no client.
std::optional<oauth_client> read_registration(std::string_view body, const authorization_server& server,
                                              const std::string& redirect_uri);

} // namespace hub
