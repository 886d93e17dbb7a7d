#pragma once

#include "actors/transport/http/http_fetch.hpp"
#include "actors/transport/http/proxy_rules.hpp"
#include "actors/transport/http/tls_context.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

namespace hub {

class shard;

/// How a client connects, and its bounds.
struct http_client_settings {
  tls_settings tls;

  proxy_rules proxy;

  /// Connections at a time, to all origins; further requests wait.
  size_t connections = 64;

  /// Requests that wait for a connection; more fail as `overloaded`.
  size_t waiting = 1024;

  /// How long a connection may take until it can be used, name look-up and TLS
  /// included.
  std::chrono::milliseconds connect_limit{10'000};

  /// How long a connection is kept without a request. A server that says less in
  /// `Keep-Alive` is believed.
  std::chrono::milliseconds idle_limit{30'000};

  /// The most that the status line and headers of an answer may take, in bytes.
  size_t header_bytes = 64 * 1024;

  /// How many redirects are followed.
  size_t redirects = 5;
};

/// HTTP/1.1 towards servers (RFC 9110, RFC 9112): keeps connections open and uses
/// them again, speaks TLS, takes proxies, follows redirects (307 and 308; 301, 302
/// and 303 for GET; never from https to http). It lives on one shard: made, used
/// and destroyed there. When it is destroyed, its connections close and nobody is
/// called any more. OpenSSL is loaded by the first https URL.
class http_client {
public:
  http_client(shard& home, http_client_settings settings);

  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  ~http_client();

  /// Sends a request; the answer goes to `reader`.
  fetch_id start(fetch_request&& request, std::unique_ptr<fetch_reader> reader);

  /// Ends a request: its reader is destroyed without a call, its connection
  /// closed. Unknown ids are ignored.
  void cancel(fetch_id id);

  /// As `cancel`, and returns the request as it was started; an empty one for an unknown id.
  fetch_request recall(fetch_id id);

  /// Requests that wait or are under way.
  size_t open() const noexcept;

  /// Connections that stand or are made.
  size_t connections() const noexcept;

private:
  class core;

  std::shared_ptr<core> core_;
};

} // namespace hub
