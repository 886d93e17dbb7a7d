#pragma once

#include "server/http_request.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace hub {

/// Reads HTTP/1.1 requests, one after the other, from bytes as they arrive. It
/// holds no memory while nothing of a request is there.
class request_reader {
public:
  /// The most that a request line with all headers may take, in bytes.
  static constexpr size_t header_limit = 32 * 1024;

  enum class state : uint8_t {
    idle,     ///< Nothing of a request is there.
    header,   ///< A part of the header is there.
    body,     ///< The header is there, and the body not all.
    complete, ///< `request()` can be used.
    refused   ///< See `refusal()`; no more can be read from this client.
  };

  /// Why a request cannot be read.
  struct refused {
    /// 400, 413 or 431.
    int status = 400;

    /// A sentence with cause and fix.
    std::string why;
  };

  /// @param body_limit The largest body that is read, in bytes.
  explicit request_reader(size_t body_limit);

  request_reader(const request_reader&) = delete;
  request_reader& operator=(const request_reader&) = delete;

  ~request_reader();

  /// Takes bytes from the client. What belongs to the next request is kept for
  /// it. Not to be called while a request is complete or refused.
  state feed(std::string_view bytes);

  /// Forgets the request that was complete and goes on with bytes that came
  /// behind it.
  state next();

  state now() const noexcept {
    return state_;
  }

  /// The request; `now()` must be complete. Its body may be moved away.
  http_request& request() noexcept;

  const refused& refusal() const noexcept {
    return refusal_;
  }

  /// True once for each request whose sender waits for `100 Continue`.
  bool wants_continue() noexcept;

private:
  struct parsing;

  state parse(std::string_view& bytes);
  state fail(int status, std::string why);

  size_t body_limit_;
  state state_ = state::idle;
  std::unique_ptr<parsing> parsing_;

  /// Bytes that could not be used yet.
  std::string held_;

  refused refusal_;
};

} // namespace hub
