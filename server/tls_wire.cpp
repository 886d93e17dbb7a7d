#include "server/tls_wire.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

namespace hub {

namespace {

/// What one TLS record holds at most.
constexpr size_t record_bytes = 16 * 1024;

} // namespace

ssize_t tls_wire::receive(void* to, size_t size) {
  if (failed_) {
    errno = EPIPE;
    return -1;
  }
  ERR_clear_error();
  return judge(SSL_read(ssl_.get(), to, static_cast<int>(std::min<size_t>(size, INT_MAX))));
}

ssize_t tls_wire::peek() {
  if (failed_) {
    errno = EPIPE;
    return -1;
  }
  char byte;
  ERR_clear_error();
  return judge(SSL_peek(ssl_.get(), &byte, 1));
}

ssize_t tls_wire::send(const msghdr& message) {
  ssize_t total = 0;
  std::array<char, record_bytes> record;
  size_t piece = 0;
  size_t offset = 0;
  for (;;) {
    size_t size = 0;
    auto at = piece;
    auto from = offset;
    while (at < message.msg_iovlen && size < record.size()) {
      auto& x = message.msg_iov[at];
      auto count = std::min(x.iov_len - from, record.size() - size);
      std::memcpy(record.data() + size, static_cast<const char*>(x.iov_base) + from, count);
      size += count;
      from += count;
      if (from == x.iov_len) {
        ++at;
        from = 0;
      }
    }
    if (size == 0)
      return total;
    if (failed_) {
      errno = EPIPE;
      return -1;
    }
    ERR_clear_error();
    // What was not taken is offered again, from the same byte on and not less of it.
    auto written = judge(SSL_write(ssl_.get(), record.data(), static_cast<int>(size)));
    if (written <= 0)
      return total > 0 && errno == EAGAIN ? total : -1;
    total += written;
    for (auto left = static_cast<size_t>(written); left > 0;) {
      auto rest = message.msg_iov[piece].iov_len - offset;
      auto step = std::min(rest, left);
      left -= step;
      offset += step;
      if (offset == message.msg_iov[piece].iov_len) {
        ++piece;
        offset = 0;
      }
    }
  }
}

bool tls_wire::pending() const noexcept {
  return !failed_ && SSL_pending(ssl_.get()) > 0;
}

bool tls_wire::handshaking() const noexcept {
  return !SSL_is_init_finished(ssl_.get());
}

void tls_wire::farewell() noexcept {
  if (failed_ || handshaking())
    return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

ssize_t tls_wire::judge(int result) {
  if (result > 0)
    return result;
  auto error = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_SYSCALL:
      failed_ = true;
      if (error == 0)
        return 0;
      errno = error;
      return -1;
    default:
      failed_ = true;
      auto reason = ERR_GET_REASON(ERR_peek_error());
      plain_http_ = reason == SSL_R_HTTP_REQUEST;
      if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return 0;
      errno = EPROTO;
      return -1;
  }
}

} // namespace hub
