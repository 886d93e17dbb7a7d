#pragma once

#include "tests/support/live_system.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace hub::test {

/// What a server answered.
struct http_answer {
  /// 0 if the connection was closed instead.
  int status = 0;

  /// Names in lower case.
  std::map<std::string, std::string> headers;
  std::string body;

  /// The `data` of each event of a stream, in order.
  std::vector<std::string> events() const {
    std::vector<std::string> result;
    std::string_view rest{body};
    while (!rest.empty()) {
      auto event = rest.substr(0, rest.find("\n\n"));
      rest.remove_prefix(std::min(rest.size(), event.size() + 2));
      auto start = event.find("data: ");
      if (start != std::string_view::npos)
        result.emplace_back(event.substr(start + 6));
    }
    return result;
  }
};

/// A client that writes and reads HTTP as plain text. Everything that it waits for
/// has a deadline.
class raw_client {
public:
  explicit raw_client(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  }

  explicit raw_client(const std::string& path)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  }

  raw_client(const raw_client&) = delete;

  ~raw_client() {
    close();
  }

  void close() {
    if (socket_ >= 0)
      ::close(socket_);
    socket_ = -1;
  }

  /// Says that nothing more will be sent.
  void end_output() {
    ::shutdown(socket_, SHUT_WR);
  }

  /// Sends what the server takes; a server that closes is for the test to notice.
  void send(std::string_view text) {
    while (!text.empty()) {
      auto count = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (count < 0)
        return;
      text.remove_prefix(static_cast<size_t>(count));
    }
  }

  /// Reads one answer, to its end.
  http_answer receive() {
    auto result = receive_head();
    if (result.status == 0)
      return result;
    if (auto length = result.headers.find("content-length"); length != result.headers.end()) {
      auto size = std::stoul(length->second);
      while (buffer_.size() < size && read_more()) {
        // nop
      }
      result.body = take(size);
    } else if (result.headers.count("transfer-encoding") != 0) {
      for (auto chunk = receive_chunk(); !chunk.empty(); chunk = receive_chunk())
        result.body += chunk;
    }
    return result;
  }

  /// Reads the head of an answer.
  http_answer receive_head() {
    http_answer result;
    auto head = take_line();
    if (head.size() < 12)
      return result;
    result.status = std::stoi(head.substr(9, 3));
    for (auto line = take_line(); !line.empty(); line = take_line()) {
      auto colon = line.find(':');
      auto name = line.substr(0, colon);
      for (auto& c : name)
        c = static_cast<char>(std::tolower(c));
      result.headers[name] = line.substr(colon + 2);
    }
    return result;
  }

  /// Reads one chunk of a body; empty at its end.
  std::string receive_chunk() {
    auto line = take_line();
    auto size = line.empty() ? 0 : std::stoul(line, nullptr, 16);
    while (buffer_.size() < size + 2 && read_more()) {
      // nop
    }
    auto result = take(size);
    take(2);
    return result;
  }

  http_answer ask(std::string_view request) {
    send(request);
    return receive();
  }

  /// Whether the server closes without another byte.
  bool is_closed() {
    return buffer_.empty() && !read_more();
  }

private:
  /// Reads what comes next; false at the end.
  bool read_more() {
    pollfd waiting{socket_, POLLIN, 0};
    auto ready = ::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds{patience}.count()));
    REQUIRE_MESSAGE(ready == 1, "the server said nothing");
    char bytes[65536];
    auto count = ::recv(socket_, bytes, sizeof(bytes), 0);
    if (count <= 0)
      return false;
    buffer_.append(bytes, static_cast<size_t>(count));
    return true;
  }

  std::string take(size_t size) {
    auto result = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return result;
  }

  std::string take_line() {
    auto end = buffer_.find("\r\n");
    while (end == std::string::npos) {
      if (!read_more())
        return {};
      end = buffer_.find("\r\n");
    }
    auto result = take(end);
    take(2);
    return result;
  }

  int socket_;
  std::string buffer_;
};

} // namespace hub::test
