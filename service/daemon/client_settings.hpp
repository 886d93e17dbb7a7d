#pragma once

#include "actors/transport/http/http_client.hpp"
#include "service/config/environment.hpp"
#include "service/config/launch.hpp"

namespace hub {

/// How the server at `endpoint` is reached, and its authorization server: with its
/// TLS files, and by its proxy or the one that the environment names.
http_client_settings client_settings_of(const endpoint_spec& endpoint, const variable_map& environment);

} // namespace hub
