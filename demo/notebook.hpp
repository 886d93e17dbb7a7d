#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hub::demo {

/// Notes that live as long as the process. When it is full the oldest one goes.
class notebook {
public:
  /// How many notes are kept.
  static constexpr size_t capacity = 1000;

  struct note {
    /// Counts up from 1 and is never used again.
    int id;

    std::string text;
  };

  /// Writes a note down and returns its id.
  int add(std::string_view text);

  /// The notes that contain `words`, whatever their case, oldest first.
  std::vector<const note*> search(std::string_view words) const;

  /// The note with this id, or null. Valid until the next `add`.
  const note* find(int id) const;

  const std::vector<note>& all() const noexcept {
    return notes_;
  }

private:
  std::vector<note> notes_;
  int last_id_ = 0;
};

} // namespace hub::demo
