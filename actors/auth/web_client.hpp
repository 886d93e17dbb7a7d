#pragma once

#include "actors/auth/web.hpp"
#include "actors/transport/http/http_client.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <string>

namespace hub {

class shard;

/// How a server's authorization server is reached: like the server itself.
using web_settings = std::function<http_client_settings(const std::string& server)>;

/// Starts the way to authorization servers on `home`. It keeps two clients for each
/// server that ever wanted a token: one for documents, which follows three
/// redirects, and one for forms, which hold secrets and go nowhere else. Answers
/// are at most 1 MiB and take at most 20 s.
web_actor spawn_web_client(caf::actor_system& system, shard& home, web_settings settings);

} // namespace hub
