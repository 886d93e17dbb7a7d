#pragma once

#include "actors/transport/http/http_fetch.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// Reads HTTP/1.1 answers, one after the other, from bytes as they arrive (RFC 9112).
/// Interim answers (1xx) are skipped. Bodies are handed on in pieces and not kept.
class fetch_parser {
public:
  enum class state : uint8_t {
    idle,     ///< Nothing of an answer is there.
    head,     ///< A part of the head is there.
    body,     ///< The head is there, and the body not all.
    complete, ///< All is there.
    broken    ///< See `error()`.
  };

  /// @param header_bytes The most that a head may take.
  explicit fetch_parser(size_t header_bytes);

  fetch_parser(const fetch_parser&) = delete;
  fetch_parser& operator=(const fetch_parser&) = delete;

  ~fetch_parser();

  /// Makes ready for the next answer.
  /// @param without_body It has none, whatever its head says (HEAD, CONNECT).
  void begin(bool without_body);

  /// Takes bytes. Afterwards `pieces()` are parts of the body, which live until the
  /// next call and no longer than `bytes`.
  state feed(std::string_view bytes);

  /// The server has closed its side.
  state finish();

  state now() const noexcept {
    return state_;
  }

  /// True once for each answer, as soon as its head is there.
  bool take_head(fetch_head& to);

  const std::vector<std::string_view>& pieces() const noexcept {
    return pieces_;
  }

  /// After `complete`: whether another request may follow on this connection.
  bool keep_alive() const noexcept;

  /// Why it is broken: a sentence without its subject.
  const std::string& error() const noexcept {
    return error_;
  }

  /// True if the head went over its bound.
  bool head_too_large() const noexcept {
    return head_too_large_;
  }

private:
  class parsing;

  void parse(std::string_view& bytes);

  size_t header_bytes_;
  bool without_body_ = false;
  bool head_too_large_ = false;
  bool head_taken_ = false;

  /// Interim answers to the present request.
  int interim_ = 0;

  state state_ = state::idle;
  std::unique_ptr<parsing> parsing_;
  std::vector<std::string_view> pieces_;

  /// Bytes that could not be used yet, behind `used_` that were.
  std::string held_;
  size_t used_ = 0;

  std::string error_;
};

} // namespace hub
