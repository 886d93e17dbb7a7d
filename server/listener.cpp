#include "server/listener.hpp"

#include "server/response_head.hpp"
#include "server/status_text.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace hub {

namespace {

/// How many connections are accepted before the others get their turn.
constexpr int accepts_per_turn = 64;

/// How long nobody is accepted when descriptors or memory are short.
constexpr std::chrono::milliseconds pause_length{200};

std::string reason(int error) {
  return std::error_code{error, std::generic_category()}.message();
}

bound_socket open_socket(int family) {
  return {::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), family};
}

sockaddr_un to_address(const std::string& path) {
  sockaddr_un result{};
  result.sun_family = AF_UNIX;
  if (path.size() >= sizeof(result.sun_path))
    throw listen_error{"the path of the socket is longer than "
                       + std::to_string(sizeof(result.sun_path) - 1) + " bytes: " + path
                       + "; use a configuration folder with a shorter path"};
  std::memcpy(result.sun_path, path.c_str(), path.size() + 1);
  return result;
}

/// Whether somebody accepts connections at `address`.
bool is_answered(const sockaddr_un& address) {
  auto probe = open_socket(AF_UNIX);
  if (probe.descriptor < 0)
    return true;
  if (::connect(probe.descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0)
    return true;
  // Somebody with a full queue is somebody.
  return errno == EAGAIN || errno == EINPROGRESS;
}

/// Tells a client that there is no room, and closes.
void turn_away(int descriptor) {
  auto text = error_text("The hub has as many connections as it may have",
                         "Close some, or try again in a moment");
  std::string head;
  append_head(head, {.status = 503,
                     .content_type = "application/json",
                     .length = text.size(),
                     .cors_origin = {},
                     .session_id = {},
                     .more = "Retry-After: 1\r\n",
                     .close = true});
  head += text;
  // A client that does not take it learns from the closing what it has to know.
  [[maybe_unused]] auto sent
    = ::send(descriptor, head.data(), head.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  ::shutdown(descriptor, SHUT_WR);
  ::close(descriptor);
}

} // namespace

bound_socket::~bound_socket() {
  if (descriptor >= 0)
    ::close(descriptor);
}

bound_socket listen_tcp(const std::string& host, uint16_t port) {
  namespace ip = boost::asio::ip;
  auto where = host + ":" + std::to_string(port);
  boost::asio::io_context context;
  boost::system::error_code failure;
  auto found = ip::tcp::resolver{context}.resolve(host, std::to_string(port),
                                                  ip::tcp::resolver::passive, failure);
  if (failure || found.empty())
    throw listen_error{"cannot listen on " + where + ": " + failure.message()
                       + "; use 127.0.0.1 or another address of this machine"};
  auto endpoint = found.begin()->endpoint();
  auto family = endpoint.protocol().family();
  auto socket = open_socket(family);
  int yes = 1;
  auto bad = socket.descriptor < 0
             || ::setsockopt(socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0
             || ::bind(socket.descriptor, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0
             || ::listen(socket.descriptor, SOMAXCONN) != 0;
  if (bad) {
    auto error = errno;
    std::string fix = "; check the address and the port";
    if (error == EADDRINUSE)
      fix = "; another program uses this port: stop it, or choose another port (--port or SLM_HUB_PORT)";
    else if (error == EACCES)
      fix = "; choose a port from 1024 on";
    else if (error == EADDRNOTAVAIL)
      fix = "; use 127.0.0.1 or another address of this machine";
    throw listen_error{"cannot listen on " + where + ": " + reason(error) + fix};
  }
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(socket.descriptor, endpoint.data(), &size) == 0)
    endpoint.resize(size);
  socket.port = endpoint.port();
  return socket;
}

bound_socket listen_unix(const std::string& path) {
  auto address = to_address(path);
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode))
      throw listen_error{"cannot listen at " + path
                         + ": there is a file that is no socket; move it away"};
    if (is_answered(address))
      throw listen_error{"cannot listen at " + path
                         + ": another hub answers there; stop it with: slm-hub stop"};
    ::unlink(path.c_str());
  }
  auto socket = open_socket(AF_UNIX);
  // The mode is set before anybody can connect: bind, then chmod, then listen.
  auto bad = socket.descriptor < 0
             || ::bind(socket.descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0
             || ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0
             || ::listen(socket.descriptor, SOMAXCONN) != 0;
  if (bad)
    throw listen_error{"cannot listen at " + path + ": " + reason(errno)
                       + "; check that the folder exists and belongs to you"};
  return socket;
}

listener::listener(shard& home, bound_socket socket, door_kind door,
                   std::vector<std::shared_ptr<front>> fronts)
  : home_(home),
    acceptor_(home.context().get_executor(),
              boost::asio::generic::stream_protocol{socket.family, 0}, socket.release()),
    family_(socket.family), door_(door), fronts_(std::move(fronts)),
    timer_(home.context().get_executor()) {
  // nop
}

void listener::start() {
  wait();
}

void listener::close() {
  boost::system::error_code failure;
  // Closing frees the descriptor even when it fails.
  acceptor_.close(failure);
  timer_.cancel();
}

void listener::wait() {
  acceptor_.async_wait(acceptor::wait_read,
                       [self = shared_from_this()](boost::system::error_code failure) {
                         if (failure || !self->acceptor_.is_open())
                           return;
                         shard::scope woken{self->home_};
                         self->accept();
                       });
}

void listener::accept() {
  for (auto turn = 0; turn < accepts_per_turn; ++turn) {
    auto descriptor = ::accept4(acceptor_.native_handle(), nullptr, nullptr,
                                SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor >= 0) {
      said_ = false;
      admit(descriptor);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      break;
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return pause(errno);
    }
    // Any other error belongs to the one client that has given up already.
  }
  wait();
}

void listener::admit(int descriptor) {
  auto& to = fronts_[next_++ % fronts_.size()];
  if (to->counters().connections.load(std::memory_order_relaxed)
      >= to->settings().connections_limit)
    return turn_away(descriptor);
  if (door_ == door_kind::tcp) {
    int yes = 1;
    // Without it answers still arrive, only later.
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  }
  stream_socket socket{to->home().context().get_executor()};
  boost::system::error_code failure;
  socket.assign(boost::asio::generic::stream_protocol{family_, 0}, descriptor, failure);
  if (failure)
    return turn_away(descriptor);
  if (to->home().on_own_thread())
    return to->admit(std::move(socket), door_);
  boost::asio::post(to->home().context(),
                    [to, door = door_, socket = std::move(socket)]() mutable {
                      shard::scope woken{to->home()};
                      to->admit(std::move(socket), door);
                    });
}

void listener::pause(int error) {
  if (!std::exchange(said_, true))
    spdlog::warn("listener pauses: {}; raise the limit of open files (ulimit -n) or close "
                 "connections",
                 reason(error));
  timer_.expires_after(pause_length);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code failure) {
    if (failure || !self->acceptor_.is_open())
      return;
    shard::scope woken{self->home_};
    self->accept();
  });
}

} // namespace hub
