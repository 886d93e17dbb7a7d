#pragma once

#include "actors/transport/descriptor.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace hub::test {

/// A request as it came over the wire.
struct heard_request {
  /// Request line and headers, without the empty line.
  std::string head;
  std::string body;

  bool says(std::string_view text) const {
    return head.find(text) != std::string::npos;
  }

  /// The value of a header, spelled as it was sent; empty if it is not there.
  std::string header(std::string_view name) const {
    auto begin = head.find("\r\n" + std::string{name} + ": ");
    if (begin == std::string::npos)
      return {};
    begin += name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

/// The server's side of one connection, on a thread that may block.
class loopback_peer {
public:
  loopback_peer(int fd, const std::atomic<bool>& ending) : fd_(fd), ending_(ending) {
    // nop
  }

  /// The next request; nothing when the client has closed or the server ends.
  std::optional<heard_request> read() {
    for (;;) {
      auto head_end = buffer_.find("\r\n\r\n");
      if (head_end != std::string::npos) {
        heard_request result;
        result.head = buffer_.substr(0, head_end);
        auto length = result.header("Content-Length");
        auto size = length.empty() ? 0 : std::strtoul(length.c_str(), nullptr, 10);
        if (buffer_.size() >= head_end + 4 + size) {
          result.body = buffer_.substr(head_end + 4, size);
          buffer_.erase(0, head_end + 4 + size);
          return result;
        }
      }
      if (!more())
        return std::nullopt;
    }
  }

  void say(std::string_view text) {
    while (!text.empty()) {
      auto count = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0)
        return;
      text.remove_prefix(static_cast<size_t>(count));
    }
  }

  /// A whole answer with a length.
  void answer(int status, std::string_view type, std::string_view body, std::string_view headers = {}) {
    say("HTTP/1.1 " + std::to_string(status) + " Word\r\nContent-Type: " + std::string{type} + "\r\nContent-Length: "
        + std::to_string(body.size()) + "\r\n" + std::string{headers} + "\r\n" + std::string{body});
  }

  /// The head of an event stream, which ends with the connection.
  void begin_events(std::string_view headers = {}) {
    say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + std::string{headers} + "\r\n");
  }

  /// A chunk of a body; an empty one is the last.
  void chunk(std::string_view text) {
    constexpr auto digits = "0123456789abcdef";
    std::string size;
    for (auto rest = text.size(); rest > 0; rest /= 16)
      size.insert(0, 1, digits[rest % 16]);
    say((size.empty() ? "0" : size) + "\r\n" + std::string{text} + "\r\n");
  }

  /// Waits until the client has closed, or the server ends.
  void wait_closed() {
    while (more())
      ;
  }

  int fd() const noexcept {
    return fd_;
  }

private:
  bool more() {
    for (;;) {
      pollfd wait{fd_, POLLIN, 0};
      auto ready = ::poll(&wait, 1, 50);
      if (ending_)
        return false;
      if (ready <= 0)
        continue;
      char room[65536];
      auto count = ::recv(fd_, room, sizeof room, 0);
      if (count <= 0)
        return false;
      buffer_.append(room, static_cast<size_t>(count));
      return true;
    }
  }

  int fd_;
  const std::atomic<bool>& ending_;
  std::string buffer_;
};

/// A server on a loopback port of its own: `serve` runs for each connection, on a
/// thread of its own, which is closed when it returns.
class loopback_server {
public:
  using serve_function = std::function<void(loopback_peer&)>;

  explicit loopback_server(serve_function serve, uint16_t port = 0) : serve_(std::move(serve)) {
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    int on = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (::bind(listener_.get(), plain, size) != 0 || ::listen(listener_.get(), 64) != 0
        || ::getsockname(listener_.get(), plain, &size) != 0)
      std::abort();
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread{[this] { accept_all(); }};
  }

  ~loopback_server() {
    ending_ = true;
    accepting_.join();
    for (auto& x : threads_)
      x.join();
  }

  uint16_t port() const noexcept {
    return port_;
  }

  std::string url(std::string_view target = "/mcp") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string{target};
  }

  /// Connections so far.
  int accepted() const noexcept {
    return accepted_;
  }

private:
  void accept_all() {
    while (!ending_) {
      pollfd wait{listener_.get(), POLLIN, 0};
      if (::poll(&wait, 1, 50) <= 0)
        continue;
      auto fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0)
        continue;
      ++accepted_;
      threads_.emplace_back([this, fd] {
        descriptor owned{fd};
        loopback_peer peer{fd, ending_};
        serve_(peer);
      });
    }
  }

  serve_function serve_;
  descriptor listener_;
  uint16_t port_ = 0;
  std::atomic<bool> ending_{false};
  std::atomic<int> accepted_{0};
  std::list<std::thread> threads_;
  std::thread accepting_;
};

/// Answers each request of a connection with what `f(request)` does.
inline loopback_server::serve_function each_request(std::function<void(loopback_peer&, const heard_request&)> f) {
  return [f = std::move(f)](loopback_peer& peer) {
    while (auto request = peer.read())
      f(peer, *request);
  };
}

} // namespace hub::test
