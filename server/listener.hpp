#pragma once

#include "server/front.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// A door could not be opened. The text names the address, the cause and the fix.
struct listen_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A socket that listens and that nobody accepts from yet. Owns its descriptor.
struct bound_socket {
  bound_socket() = default;

  bound_socket(int descriptor, int family, uint16_t port = 0) noexcept
    : descriptor(descriptor), family(family), port(port) {
    // nop
  }

  bound_socket(bound_socket&& other) noexcept
    : descriptor(other.release()), family(other.family), port(other.port) {
    // nop
  }

  bound_socket& operator=(bound_socket&& other) noexcept {
    std::swap(descriptor, other.descriptor);
    family = other.family;
    port = other.port;
    return *this;
  }

  ~bound_socket();

  /// Gives the descriptor away.
  int release() noexcept {
    return std::exchange(descriptor, -1);
  }

  /// -1 if there is none.
  int descriptor = -1;

  /// `AF_INET`, `AF_INET6` or `AF_UNIX`.
  int family = 0;

  /// The port that was taken; 0 for a Unix socket.
  uint16_t port = 0;
};

/// Binds a TCP port and listens. The name is looked up with a blocking call.
/// @throws listen_error if the address is not one of this machine or is taken.
bound_socket listen_tcp(const std::string& host, uint16_t port);

/// Binds a Unix socket that only this user can open, and listens. A socket that
/// nobody answers at is replaced.
/// @throws listen_error if somebody answers there, or the path cannot be used.
bound_socket listen_unix(const std::string& path);

/// Accepts connections and hands them to the shards in turn. All functions are for
/// the thread of its shard. Over the limit a client is told 503. When the process
/// has no descriptors left it pauses, says so once, and goes on.
class listener : public std::enable_shared_from_this<listener> {
public:
  /// @param home The shard that accepts.
  /// @param fronts Who takes the connections, one for each shard; not empty.
  listener(shard& home, bound_socket socket, door_kind door,
           std::vector<std::shared_ptr<front>> fronts);

  void start();

  void close();

private:
  using acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol,
                                                      boost::asio::io_context::executor_type>;

  void wait();

  /// Accepts what waits, at most `accepts_per_turn`.
  void accept();

  void admit(int descriptor);

  /// Stops for a moment, because of `error`.
  void pause(int error);

  shard& home_;
  acceptor acceptor_;
  int family_;
  door_kind door_;
  std::vector<std::shared_ptr<front>> fronts_;
  size_t next_ = 0;

  /// Whether the log knows that descriptors are short.
  bool said_ = false;

  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
    timer_;
};

} // namespace hub
