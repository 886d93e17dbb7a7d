#pragma once

#include "actors/transport/http/tls_context.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <sys/uio.h>

#include <span>
#include <string>

namespace hub {

/// A socket with or without TLS in between. Reads and writes do what can be done at
/// once; Asio only waits.
class http_wire {
public:
  using socket_type = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

  /// What a step came to.
  enum class outcome : uint8_t {
    done,    ///< `count()` bytes moved, or the handshake is complete.
    ended,   ///< The other side has closed.
    blocked, ///< Wait as `wants_write()` says.
    failed   ///< See `explain`.
  };

  explicit http_wire(boost::asio::io_context& context) : socket(context) {
    // nop
  }

  socket_type socket;

  /// Starts TLS on the connected socket.
  /// @returns False if OpenSSL has no memory left.
  bool secure(const tls_context& context, const std::string& host);

  outcome handshake();

  outcome read(std::span<char> room);

  outcome write(std::span<const iovec> pieces);

  size_t count() const noexcept {
    return count_;
  }

  /// After `blocked`: whether room to write is awaited, else something to read.
  bool wants_write() const noexcept {
    return wants_write_;
  }

  bool is_secure() const noexcept {
    return static_cast<bool>(ssl_);
  }

  /// Whether an idle connection is still open with nothing to read, so that a request
  /// may be sent.
  bool is_quiet();

  /// After `failed`: why.
  tls_failure explain(const std::string& host);

  /// True after `failed` if TLS is the reason.
  bool failed_by_tls() const noexcept {
    return by_tls_;
  }

  void close();

private:
  outcome judge(int result);

  ssl_handle ssl_;
  size_t count_ = 0;
  bool wants_write_ = false;
  bool by_tls_ = false;
  int errno_ = 0;
};

} // namespace hub
