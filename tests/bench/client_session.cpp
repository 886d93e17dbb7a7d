#include "tests/bench/client_session.hpp"

#include "tests/bench/tool_call.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <strings.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <unistd.h>

namespace hub::bench {

namespace {

constexpr size_t read_size = 1 << 18;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what);
}

/// The value of header `name` in `line`, or nothing when the line is another header.
bool header_value(std::string_view line, std::string_view name, std::string_view& value) {
  if (line.size() <= name.size() || line[name.size()] != ':' || strncasecmp(line.data(), name.data(), name.size()) != 0)
    return false;
  value = line.substr(name.size() + 1);
  while (!value.empty() && value.front() == ' ')
    value.remove_prefix(1);
  return true;
}

} // namespace

client_session::client_session(uint16_t port, std::string path) : port_{port}, path_{std::move(path)} {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    if (fd_ >= 0)
      ::close(fd_);
    fail("cannot connect to port " + std::to_string(port) + "; is the contender running?");
  }
  int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  compose_head();
}

client_session::~client_session() {
  ::close(fd_);
  std::free(in_.data);
  std::free(out_.data);
}

void client_session::compose_head() {
  head_ = "POST " + path_ + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_)
          + "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n";
  if (!session_id_.empty())
    head_ += "MCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: " + session_id_ + "\r\n";
  if (!stateless_tool_.empty())
    head_ += "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: " + stateless_tool_ + "\r\n";
  head_ += "Content-Length: ";
}

void client_session::adopt_session(std::string id) {
  session_id_ = std::move(id);
  compose_head();
}

void client_session::become_stateless(std::string tool) {
  stateless_tool_ = std::move(tool);
  compose_head();
}

bool client_session::post(std::string_view message) {
  auto length = std::to_string(message.size());
  queue_append(&out_, head_.data(), head_.size());
  queue_append(&out_, length.data(), length.size());
  queue_append(&out_, "\r\n\r\n", 4);
  queue_append(&out_, message.data(), message.size());
  return flush();
}

bool client_session::open_stream() {
  auto head = "GET " + path_ + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_)
              + "\r\nAccept: text/event-stream\r\nMCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: " + session_id_
              + "\r\n\r\n";
  queue_append(&out_, head.data(), head.size());
  return flush();
}

bool client_session::flush() {
  while (queue_size(&out_) > 0) {
    auto n = ::send(fd_, queue_front(&out_), queue_size(&out_), MSG_NOSIGNAL);
    if (n >= 0)
      queue_consume(&out_, static_cast<size_t>(n));
    else if (errno != EINTR)
      return errno == EAGAIN;
  }
  return true;
}

bool client_session::parse_head() {
  std::string_view text{queue_front(&in_), queue_size(&in_)};
  auto end = text.find("\r\n\r\n");
  if (end == text.npos)
    return false;
  head_size_ = end + 4;
  status_ = 0;
  length_ = 0;
  chunked_ = false;
  chunks_.clear();
  if (text.size() > 12)
    std::from_chars(text.data() + 9, text.data() + 12, status_);
  for (size_t at = text.find("\r\n") + 2; at < end;) {
    auto line = text.substr(at, text.find("\r\n", at) - at);
    at += line.size() + 2;
    std::string_view value;
    if (header_value(line, "Content-Length", value))
      std::from_chars(value.data(), value.data() + value.size(), length_);
    else if (header_value(line, "Transfer-Encoding", value))
      chunked_ = value == "chunked";
    else if (session_id_.empty() && header_value(line, "Mcp-Session-Id", value))
      adopt_session(std::string{value});
  }
  decoded_from_ = head_size_;
  has_head_ = true;
  return true;
}

bool client_session::decode_chunks() {
  for (;;) {
    std::string_view rest{queue_front(&in_) + decoded_from_, queue_size(&in_) - decoded_from_};
    auto line_end = rest.find("\r\n");
    if (line_end == rest.npos)
      return false;
    size_t size = 0;
    std::from_chars(rest.data(), rest.data() + line_end, size, 16);
    if (rest.size() < line_end + 2 + size + 2)
      return false;
    chunks_.append(rest.substr(line_end + 2, size));
    decoded_from_ += line_end + 2 + size + 2;
    if (size == 0)
      return true;
  }
}

client_session::progress client_session::read(response& answer) {
  for (;;) {
    auto n = ::recv(fd_, queue_reserve(&in_, read_size), read_size, 0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno == EAGAIN)
      return progress::nothing_yet;
    if (n <= 0)
      return progress::gone;
    in_.end += static_cast<size_t>(n);
    if (!has_head_ && !parse_head())
      continue;
    if (chunked_ ? !decode_chunks() : queue_size(&in_) < head_size_ + length_)
      continue;
    has_head_ = false;
    answer.status = status_;
    answer.body = chunked_ ? std::string_view{chunks_} : std::string_view{queue_front(&in_) + head_size_, length_};
    // One request at a time: nothing follows this response, and the bytes stay where they are until the next read.
    in_.begin = in_.end = 0;
    return progress::complete;
  }
}

response client_session::wait(bool alive, std::chrono::milliseconds limit, std::string_view asked) {
  auto deadline = steady::now() + limit;
  for (;;) {
    response answer;
    auto state = alive ? read(answer) : progress::gone;
    if (state == progress::complete)
      return answer;
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady::now()).count();
    if (state == progress::gone)
      fail("the connection was closed instead of an answer to " + std::string{asked.substr(0, 80)});
    if (left <= 0)
      fail("no answer in time to " + std::string{asked.substr(0, 80)});
    pollfd ready{fd_, static_cast<short>(POLLIN | (queue_size(&out_) > 0 ? POLLOUT : 0)), 0};
    ::poll(&ready, 1, static_cast<int>(left));
    alive = flush();
  }
}

response client_session::ask(std::string_view message, std::chrono::milliseconds limit) {
  bool alive = post(message);
  return wait(alive, limit, message);
}

void client_session::end(std::chrono::milliseconds limit) {
  if (session_id_.empty())
    return;
  auto head = "DELETE " + path_ + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_)
              + "\r\nMCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: " + session_id_ + "\r\n\r\n";
  queue_append(&out_, head.data(), head.size());
  bool alive = flush();
  wait(alive, limit, "DELETE");
  session_id_.clear();
}

void client_session::initialize(std::chrono::milliseconds limit) {
  auto answer = ask(initialize_request, limit);
  if (answer.status != 200 || answer.body.find("\"protocolVersion\"") == answer.body.npos)
    fail("initialize was answered with " + std::to_string(answer.status) + ": "
         + std::string{answer.body.substr(0, 200)});
  answer = ask(initialized_notification, limit);
  if (answer.status / 100 != 2)
    fail("notifications/initialized was answered with " + std::to_string(answer.status));
}

} // namespace hub::bench
