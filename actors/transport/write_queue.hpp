#pragma once

#include "messages/json_text.hpp"

#include <sys/uio.h>

#include <cstddef>
#include <deque>
#include <span>

namespace hub {

/// Messages on their way into a pipe, each followed by a line feed. The bytes of
/// a message are not copied.
class write_queue {
public:
  void push(text_parts message);

  /// Fills `pieces` with what is to be written next, in order.
  /// @return How many pieces were filled; 0 if nothing waits.
  size_t gather(std::span<iovec> pieces) const noexcept;

  /// Forgets the first `count` bytes, which have been written.
  /// @param count At most `bytes()`.
  void consume(size_t count) noexcept;

  void clear() noexcept;

  /// Bytes that wait, line feeds included.
  size_t bytes() const noexcept {
    return bytes_;
  }

  bool empty() const noexcept {
    return messages_.empty();
  }

private:
  struct entry {
    text_parts message;

    /// With the line feed.
    size_t size;
  };

  std::deque<entry> messages_;

  /// How much of the first message has been written.
  size_t written_ = 0;

  size_t bytes_ = 0;
};

} // namespace hub
