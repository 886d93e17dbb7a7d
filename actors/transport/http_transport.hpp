#pragma once

#include "actors/transport/http_link.hpp"
#include "messages/transport.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <memory>
#include <string>

namespace hub {

/// Everything an HTTP transport needs to know, with all placeholders resolved. It
/// holds secrets: never log it.
struct http_transport_settings {
  /// The configured name of the server.
  std::string server;

  std::string url;

  /// What each request to the server's origin says besides what the protocol wants.
  fetch_headers headers;

  /// True for the old HTTP+SSE alone.
  bool event_stream_only = false;

  http_client_settings client;

  http_link_limits limits;

  /// Makes who gives credentials, on the shard; null if nobody does.
  std::function<std::unique_ptr<authorizer>(shard& home)> make_authorizer;

  /// Where begin and end are noted; see `rotated_log`. Empty notes nothing.
  std::string log_path;
};

/// Connects the HTTP server at `settings.url` to `owner`, on `home`: by streamable
/// HTTP or, where a server answers as one that does not know it, by HTTP+SSE. The
/// owner hears `transport_opened` with pid 0, then messages and failures of single
/// requests, and exactly one `transport_closed`, after which the actor has ended.
///
/// The transport owns its connections, and ends when the owner does.
transport_actor spawn_http_transport(caf::actor_system& system, shard& home, transport_owner owner,
                                     http_transport_settings settings);

} // namespace hub
