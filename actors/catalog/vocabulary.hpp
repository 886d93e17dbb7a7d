#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

/// A sorted, immutable set of words, numbered from 0 in their order.
class vocabulary {
public:
  using word_id = uint32_t;

  /// A word near another one.
  struct neighbour {
    word_id word;

    /// How alike the two are, above 0 and below 1.
    double similarity;
  };

  vocabulary() = default;

  /// Takes words in ascending order, each once.
  explicit vocabulary(const std::vector<std::string_view>& words);

  size_t size() const noexcept {
    return signatures_.size();
  }

  std::string_view word(word_id id) const noexcept;

  std::optional<word_id> find(std::string_view word) const noexcept;

  /// The words that begin with `prefix`: from `first` to before `second`.
  std::pair<word_id, word_id> with_prefix(std::string_view prefix) const noexcept;

  /// The words that `word` may be a misspelling of, nearest first: one edit
  /// away for words of 4 or 5 bytes, at most two for longer ones. Shorter words
  /// have none, for there everything is near.
  std::vector<neighbour> misspelt(std::string_view word, size_t limit) const;

  /// The words that share most trigrams with `word`, nearest first.
  std::vector<neighbour> similar(std::string_view word, double at_least, size_t limit) const;

  /// The heap memory of this object in bytes.
  size_t memory() const noexcept;

private:
  std::string text_;

  /// Where each word starts in `text_`, and the end of the last.
  std::vector<uint32_t> starts_;

  /// The characters that each word holds, a bit for each: a cheap bound on the
  /// number of edits between two words.
  std::vector<uint64_t> signatures_;
};

} // namespace hub
