#pragma once

#include "actors/auth/oauth_settings.hpp"
#include "messages/server_config.hpp"
#include "service/config/config_error.hpp"
#include "service/config/placeholders.hpp"

#include <string>
#include <utility>
#include <vector>

namespace hub {

/// Where an HTTP server is and what each request to it says, with every
/// placeholder resolved. It holds secrets like a `launch_spec`.
struct endpoint_spec {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;

  /// With paths resolved.
  tls_config tls;

  std::string proxy;
};

/// Resolves a stdio server. The child's environment is a small part of the
/// hub's (paths, locale, proxies, and what npx, uvx and docker go by), then the
/// variables of `envFile`, then those of `env`. No secret gets into it but by a
/// placeholder that names it. The errors name server and field, and show no
/// value.
config_result<launch_spec> resolve_launch(const server_config& server, const variables& known);

/// Resolves an HTTP server.
config_result<endpoint_spec> resolve_endpoint(const server_config& server,
                                              const variables& known);

/// Resolves how an HTTP server gets its tokens. A `private_key` that is a path is
/// read.
config_result<oauth_settings> resolve_oauth(const server_config& server, const variables& known);

/// What has to be fetched before a server can be resolved: the `cmd:...` and `keyring:...` of
/// its placeholders.
std::vector<std::string> secrets_to_fetch(const server_config& server);

/// The part of the hub's environment that each child gets.
variable_map base_environment(const variable_map& environment);

} // namespace hub
