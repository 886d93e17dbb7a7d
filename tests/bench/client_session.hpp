#pragma once

#include "tests/bench/byte_queue.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace hub::bench {

using steady = std::chrono::steady_clock;

/// One HTTP response, whose body lies in the session's buffer until the next `read`.
struct response {
  int status = 0;
  std::string_view body;
};

/// An MCP client's session over one keep-alive HTTP/1.1 connection to the loopback address, one request at a time.
/// Errors are thrown as `std::runtime_error`: a load generator has nothing to fall back on while it sets up.
class client_session {
public:
  /// Connects; the socket does not block afterwards.
  client_session(uint16_t port, std::string path);
  client_session(const client_session&) = delete;
  client_session& operator=(const client_session&) = delete;
  ~client_session();

  [[nodiscard]] int descriptor() const noexcept {
    return fd_;
  }

  /// Queues a POST with `message` and writes what the socket takes. Returns false when the connection is gone.
  bool post(std::string_view message);

  /// Queues a GET that asks for the session's event stream.
  bool open_stream();

  /// Writes what is still queued. Returns false when the connection is gone.
  bool flush();

  enum class progress { nothing_yet, complete, gone };

  /// Reads what is there; when it completes the response, `answer` is set.
  progress read(response& answer);

  /// Sends `message` and waits at most `limit` for the response.
  response ask(std::string_view message, std::chrono::milliseconds limit);

  /// Opens the session: `initialize`, then `notifications/initialized`. A server that gives no session id is content
  /// without one.
  void initialize(std::chrono::milliseconds limit);

  /// Ends the session with DELETE, as clients do that are closed in order. Nothing happens where there is none.
  void end(std::chrono::milliseconds limit);

  [[nodiscard]] const std::string& session_id() const noexcept {
    return session_id_;
  }

  void adopt_session(std::string id);

  /// From now on, each POST is a call of `tool` by 2026-07-28, with the headers that it wants. There is no session.
  void become_stateless(std::string tool);

private:
  response wait(bool alive, std::chrono::milliseconds limit, std::string_view asked);
  void compose_head();
  bool parse_head();
  bool decode_chunks();

  int fd_ = -1;
  uint16_t port_;
  std::string path_;
  std::string session_id_;
  std::string stateless_tool_; // empty in the handshake era
  std::string head_; // all of a POST's head but the length
  byte_queue in_{};
  byte_queue out_{};

  // The response that is being read.
  bool has_head_ = false;
  bool chunked_ = false;
  int status_ = 0;
  size_t length_ = 0;
  size_t head_size_ = 0;
  size_t decoded_from_ = 0; // offset of the next undecoded byte behind the head
  std::string chunks_;
};

} // namespace hub::bench
