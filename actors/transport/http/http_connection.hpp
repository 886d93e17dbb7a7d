#pragma once

#include "actors/runtime/shard.hpp"
#include "actors/transport/http/fetch_parser.hpp"
#include "actors/transport/http/http_url.hpp"
#include "actors/transport/http/http_wire.hpp"
#include "actors/transport/http/name_lookup.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hub {

/// Where a connection leads.
struct http_route {
  http_url target;

  /// Null for a direct connection.
  std::optional<http_url> proxy;

  bool public_only = false;

  /// Whether a connection of this route will do for a request to `url`. One client has
  /// one set of proxy rules, so the same origin means the same proxy.
  bool serves(const http_url& url, bool only_public) const noexcept;
};

/// A request as bytes.
struct fetch_bytes {
  std::string head;
  text_parts body;

  /// The answer has no body.
  bool is_head = false;
};

/// One connection: it is made, then serves one request at a time. What becomes of it
/// goes to its owner, on the shard and inside a scope. It holds itself while it waits
/// for its socket.
class http_connection : public std::enable_shared_from_this<http_connection> {
public:
  using clock = std::chrono::steady_clock;

  /// Who made it.
  class owner {
  public:
    /// It can take a request.
    virtual void on_idle(http_connection& x) = 0;

    virtual void on_head(http_connection& x, fetch_head head) = 0;

    virtual void on_data(http_connection& x, std::string_view data) = 0;

    /// Whether an answer that is there at once is to come by `on_whole` alone.
    virtual bool wants_whole(http_connection& x, const fetch_head& head) = 0;

    /// The whole answer; the connection is idle or closed.
    virtual void on_whole(http_connection& x, fetch_head head, std::string_view body) = 0;

    /// The answer is complete; the connection is idle or closed.
    virtual void on_complete(http_connection& x) = 0;

    /// It is closed, for the reason told; nothing follows.
    virtual void on_closed(http_connection& x, fetch_failure why) = 0;

  protected:
    ~owner() = default;
  };

  enum class phase : uint8_t {
    looking_up,
    connecting,
    tunnelling, ///< CONNECT was sent to the proxy.
    securing,   ///< The TLS handshake goes on.
    idle,
    busy,
    closed
  };

  /// @param tls Null unless the target is https.
  http_connection(shard& home, owner& owner, http_route route, std::shared_ptr<tls_context> tls, size_t header_bytes);

  /// Begins to connect.
  void open();

  /// Sends a request; it must be idle.
  /// @param soon As the burst ends, so that the requests of several clients leave together.
  void send(fetch_bytes&& request, bool soon);

  /// Closes without a word to the owner.
  void close();

  /// Gives up a connect that takes too long.
  void expire();

  /// Whether a request may still be sent: asked just before.
  bool is_quiet() {
    return phase_ == phase::idle && wire_.is_quiet();
  }

  phase now() const noexcept {
    return phase_;
  }

  const http_route& route() const noexcept {
    return route_;
  }

  /// Requests that it has taken.
  size_t served() const noexcept {
    return served_;
  }

  /// Whether a byte of the present answer has come.
  bool heard() const noexcept {
    return heard_;
  }

  /// When it must be connected, or must have got a request: kept by the owner.
  clock::time_point deadline = clock::time_point::max();

  /// How long it may be idle: kept by the owner.
  std::chrono::milliseconds idle_time{0};

  /// The request that it serves or was made for; kept by the owner.
  fetch_id serving = 0;

private:
  void connect_next();
  void connected();
  void become_ready();
  void pump();
  void tunnel();
  void handshake();
  void serve();
  bool flush();
  void read();
  void complete();

  /// An answer was taken: idle, or closed if it cannot serve another request.
  void rest();
  void wait(bool to_write);
  void set_output(fetch_bytes&& request);
  void fail(fetch_failure::kind what, std::string cause, std::string fix, bool unsent = false);
  void fail_by_wire();

  /// Where the socket leads, for messages.
  std::string place() const;

  shard& home_;
  owner* owner_;
  http_route route_;
  std::shared_ptr<tls_context> tls_;
  http_wire wire_;
  name_lookup lookup_;
  fetch_parser parser_;
  phase phase_ = phase::looking_up;

  std::vector<boost::asio::ip::tcp::endpoint> endpoints_;
  size_t next_endpoint_ = 0;
  std::string connect_error_;

  fetch_bytes output_;
  std::vector<std::string_view> pieces_;
  size_t piece_ = 0;
  size_t piece_offset_ = 0;

  bool waiting_read_ = false;
  bool waiting_write_ = false;
  bool heard_ = false;
  size_t served_ = 0;
};

} // namespace hub
