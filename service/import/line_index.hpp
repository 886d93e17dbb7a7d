#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace hub {

/// Finds the byte offset of a line and column of a text, which outlives it.
class line_index {
public:
  explicit line_index(std::string_view text) : text_(text) {
    starts_.push_back(0);
    for (size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n')
        starts_.push_back(i + 1);
  }

  /// Both from 1; the column counts characters. What is outside is moved in.
  size_t offset_of(size_t line, size_t column) const {
    if (line == 0 || line > starts_.size())
      return line == 0 ? 0 : text_.size();
    auto offset = starts_[line - 1];
    for (size_t i = 1; i < column && offset < text_.size() && text_[offset] != '\n'; ++i) {
      ++offset;
      // Bytes 10xxxxxx continue a character.
      while (offset < text_.size() && (static_cast<unsigned char>(text_[offset]) & 0xC0) == 0x80)
        ++offset;
    }
    return offset;
  }

private:
  std::string_view text_;
  std::vector<size_t> starts_;
};

} // namespace hub
