#include "actors/transport/http/http_wire.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace hub {

namespace {

/// What one TLS record holds at most.
constexpr size_t record_bytes = 16 * 1024;

int to_length(size_t size) noexcept {
  return static_cast<int>(std::min<size_t>(size, INT_MAX));
}

} // namespace

bool http_wire::secure(const tls_context& context, const std::string& host) {
  ssl_ = context.connect(socket.native_handle(), host);
  return is_secure();
}

http_wire::outcome http_wire::handshake() {
  ERR_clear_error();
  return judge(SSL_do_handshake(ssl_.get()));
}

http_wire::outcome http_wire::read(std::span<char> room) {
  if (ssl_) {
    ERR_clear_error();
    return judge(SSL_read(ssl_.get(), room.data(), to_length(room.size())));
  }
  for (;;) {
    auto count = ::recv(socket.native_handle(), room.data(), room.size(), MSG_DONTWAIT);
    if (count > 0) {
      count_ = static_cast<size_t>(count);
      return outcome::done;
    }
    if (count == 0)
      return outcome::ended;
    if (errno == EINTR)
      continue;
    errno_ = errno;
    wants_write_ = false;
    return errno_ == EAGAIN ? outcome::blocked : outcome::failed;
  }
}

http_wire::outcome http_wire::write(std::span<const iovec> pieces) {
  if (ssl_) {
    ERR_clear_error();
    auto& first = pieces.front();
    return judge(SSL_write(ssl_.get(), first.iov_base, to_length(std::min(first.iov_len, record_bytes))));
  }
  msghdr message{};
  // sendmsg does not write to its pieces; its type only cannot say so.
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  for (;;) {
    auto count = ::sendmsg(socket.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      count_ = static_cast<size_t>(count);
      return outcome::done;
    }
    if (errno == EINTR)
      continue;
    errno_ = errno;
    wants_write_ = true;
    return errno_ == EAGAIN ? outcome::blocked : outcome::failed;
  }
}

http_wire::outcome http_wire::judge(int result) {
  if (result > 0) {
    count_ = static_cast<size_t>(result);
    return outcome::done;
  }
  errno_ = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      wants_write_ = false;
      return outcome::blocked;
    case SSL_ERROR_WANT_WRITE:
      wants_write_ = true;
      return outcome::blocked;
    case SSL_ERROR_ZERO_RETURN:
      return outcome::ended;
    case SSL_ERROR_SYSCALL:
      return errno_ == 0 ? outcome::ended : outcome::failed;
    default:
      // Many servers end without a farewell of TLS; a body that is not whole shows
      // in its length.
      if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return outcome::ended;
      by_tls_ = true;
      return outcome::failed;
  }
}

bool http_wire::is_quiet() {
  if (!socket.is_open())
    return false;
  // What TLS says between requests, such as tickets, was read when it came.
  char byte = 0;
  auto count = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && errno == EAGAIN;
}

tls_failure http_wire::explain(const std::string& host) {
  if (by_tls_ && ssl_)
    return explain_tls(ssl_.get(), host);
  return {"broke off the connection: " + std::string{std::strerror(errno_)}, "See its own log for the reason."};
}

void http_wire::close() {
  if (ssl_ && socket.is_open() && SSL_is_init_finished(ssl_.get()) && !by_tls_) {
    ERR_clear_error();
    // The farewell goes out if it can; nobody waits for the answer to it.
    SSL_shutdown(ssl_.get());
  }
  ssl_.reset();
  boost::system::error_code ignored;
  // The socket is gone whatever this says.
  socket.close(ignored);
}

} // namespace hub
