#pragma once

#include "server/tls_door.hpp"

#include <cstddef>

#include <sys/socket.h>
#include <sys/types.h>

namespace hub {

/// TLS on the socket of one connection, with functions that answer like `recv` and `sendmsg` on
/// a socket that does not block: a count, 0 at the end, or -1 and `errno`, which is EAGAIN
/// if the socket has to become ready first. The handshake happens as the first data are read.
class tls_wire {
public:
  /// @param ssl Not null.
  explicit tls_wire(server_ssl ssl) noexcept : ssl_(std::move(ssl)) {
    // nop
  }

  ssize_t receive(void* to, size_t size);

  /// Looks whether there is a byte, and leaves it.
  ssize_t peek();

  /// Sends as much of the pieces as the socket takes.
  ssize_t send(const msghdr& message);

  /// Whether data have been read from the socket that `receive` has not given out: the socket
  /// does not become ready for them.
  bool pending() const noexcept;

  bool handshaking() const noexcept;

  /// Says that nothing follows, if it can be said at once.
  void farewell() noexcept;

  /// Whether the other side speaks plain HTTP.
  bool met_plain_http() const noexcept {
    return plain_http_;
  }

private:
  ssize_t judge(int result);

  server_ssl ssl_;
  bool failed_ = false;
  bool plain_http_ = false;
};

} // namespace hub
