#pragma once

#include "messages/json_text.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// Cuts a stream of bytes into lines. It keeps nothing but an unfinished line.
///
/// A line ends with LF or CR LF, neither of which is part of it. Lines that are
/// empty or hold only blanks are left out. Complete lines of one chunk share one
/// buffer; a line of more than `own_buffer_bytes` that came in several chunks
/// has a buffer of its own, so that its neighbours do not keep it alive.
class line_framer {
public:
  /// From this size on, a line that came in pieces does not share its buffer.
  static constexpr size_t own_buffer_bytes = 64 * 1024;

  /// @param line_limit The longest line that is accepted, in bytes, at least 1.
  explicit line_framer(size_t line_limit);

  /// Takes the next bytes and appends the lines that they complete to `lines`.
  /// @return False if a line exceeds the limit. The stream cannot be followed
  ///         from there on, and the framer must not be fed again.
  [[nodiscard]] bool feed(std::string_view chunk, std::vector<json_text>& lines);

  /// Takes what came after the last line end as a line; for the end of a stream.
  void finish(std::vector<json_text>& lines);

  /// Bytes held for a line that is not complete.
  size_t pending() const noexcept {
    return partial_.size();
  }

private:
  [[nodiscard]] bool cut(std::string text, std::vector<json_text>& lines) const;

  size_t line_limit_;
  std::string partial_;
};

} // namespace hub
