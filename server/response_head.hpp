#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// What the head of an HTTP answer says.
struct response_head {
  int status = 200;

  /// Empty for an answer without a body.
  std::string_view content_type;

  /// Bytes of the body; none for one that is sent in chunks.
  std::optional<size_t> length;

  /// The origin that may read the answer in a browser; empty for none.
  std::string_view cors_origin;

  /// The new session of an `initialize`; empty for none.
  std::string_view session_id;

  /// More headers, each with its line end.
  std::string_view more;

  /// Whether the connection is closed after the answer.
  bool close = false;
};

/// Puts the text of a head, up to the empty line, at the end of `out`.
void append_head(std::string& out, const response_head& head);

/// What the head of an event stream says besides the status: no cache and no
/// proxy may hold events back.
inline constexpr std::string_view stream_headers
  = "Cache-Control: no-cache\r\nX-Accel-Buffering: no\r\n";

/// What the answer to a CORS preflight says.
std::string_view preflight_headers() noexcept;

} // namespace hub
