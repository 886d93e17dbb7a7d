#pragma once

#include "messages/json_text.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <vector>

namespace hub {

/// Bytes that a client has not taken yet, in order. Texts are shared, not copied.
/// An empty one holds no memory.
class output_queue {
public:
  /// The most pieces that are gathered for one system call.
  static constexpr size_t pieces_limit = 64;

  bool empty() const noexcept {
    return bytes_ == 0;
  }

  /// How many bytes wait.
  size_t bytes() const noexcept {
    return bytes_;
  }

  /// Puts three texts at the end, without their first `sent` bytes. `tail` must be
  /// a literal.
  void push(std::string_view head, const text_parts& body, std::string_view tail, size_t sent);

  /// Fills in the next pieces; returns how many.
  size_t gather(iovec (&pieces)[pieces_limit]) const noexcept;

  /// Forgets the first `count` bytes, which must be there.
  void pop(size_t count);

  void clear() noexcept;

private:
  struct item {
    std::string head;
    text_parts body;
    std::string_view tail;
    size_t size;
  };

  /// Those before `first_` are gone.
  std::vector<item> items_;
  size_t first_ = 0;

  /// How much of the first item is gone.
  size_t gone_ = 0;
  size_t bytes_ = 0;
};

/// Fills `pieces` with three texts but for their first `skip` bytes, beginning at
/// place `count`; returns how many pieces are filled then. What finds no place is
/// left out.
size_t gather_texts(iovec (&pieces)[output_queue::pieces_limit], size_t count,
                    std::string_view head, const text_parts& body, std::string_view tail,
                    size_t skip) noexcept;

} // namespace hub
