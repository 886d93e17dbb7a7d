#pragma once

#include "actors/runtime/shard.hpp"
#include "actors/transport/authorized_client.hpp"
#include "messages/transport.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hub {

/// Bounds of one connection to an HTTP server.
struct http_link_limits {
  /// The longest message that a server may send, in bytes.
  size_t message_bytes = size_t{64} << 20;

  /// Requests that wait for their answers at a time; further ones queue.
  size_t in_flight = 64;

  /// Requests in that queue; more are refused.
  size_t queued = 1024;

  /// How often in a row a broken stream is resumed without getting anything.
  int resumes = 8;

  /// How long to wait before a stream is resumed or opened again, if the server does
  /// not say. It doubles while nothing comes, up to `longest_pause`.
  std::chrono::milliseconds pause{1000};
  std::chrono::milliseconds longest_pause{60'000};

  /// How long a server of the old HTTP+SSE transport has to name its endpoint.
  std::chrono::milliseconds endpoint{10'000};
};

/// What a link tells the transport that owns it.
class http_link_owner {
public:
  /// Runs `f` as a part of the actor; what a link does on its own goes through it. The
  /// link may be gone afterwards.
  virtual void enter(const std::function<void()>& f) = 0;

  virtual void on_opened() = 0;

  virtual void on_messages(messages_received x) = 0;

  virtual void on_request_failed(request_failed x) = 0;

  /// The connection is over; the link is destroyed soon after.
  virtual void on_closed(std::string cause, std::string fix, bool never_started) = 0;

  /// The server does not know streamable HTTP. `first` is sent again by the old
  /// transport; if there is none either, `otherwise` runs and this link goes on.
  virtual void on_old_server(send_message first, std::function<void()> otherwise) = 0;

protected:
  ~http_link_owner() = default;
};

/// What links share.
struct http_link_context {
  shard& home;
  http_link_owner& owner;
  authorized_client& client;
  std::string url;
  http_link_limits limits;
};

/// One way to speak MCP over HTTP. All members run as a part of the actor; destroying
/// it ends its requests.
class http_link {
public:
  virtual ~http_link() = default;

  virtual void open() = 0;

  virtual void send(send_message x) = 0;

  virtual void abandon(int64_t id) = 0;

  /// Ends in good order, at most `grace` long; then `on_closed`.
  virtual void close(std::chrono::milliseconds grace) = 0;
};

/// Streamable HTTP (2025-03-26 and later, both eras).
std::unique_ptr<http_link> make_streamable_link(http_link_context context);

/// HTTP+SSE (2024-11-05).
/// @param otherwise Runs in place of `on_closed` if the server names no endpoint; may be
///                  null.
std::unique_ptr<http_link> make_event_stream_link(http_link_context context, std::function<void()> otherwise);

/// What a failed request means for the connection.
enum class http_verdict : uint8_t {
  request_lost, ///< Only this request.
  server_gone,  ///< The server cannot be reached: the connection is over.
  needs_mending ///< As before, and somebody has to change something first.
};

http_verdict judge(const fetch_failure& why) noexcept;

} // namespace hub
