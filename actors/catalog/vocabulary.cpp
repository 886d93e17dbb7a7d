#include "actors/catalog/vocabulary.hpp"

#include "actors/catalog/spelling.hpp"
#include "messages/edit_distance.hpp"

#include <algorithm>
#include <bit>

namespace hub {

namespace {

uint64_t signature_of(std::string_view word) {
  uint64_t result = 0;
  for (auto c : word)
    result |= uint64_t{1} << (static_cast<unsigned char>(c) & 63);
  return result;
}

void keep_nearest(std::vector<vocabulary::neighbour>& words, size_t limit) {
  std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.word < b.word;
  });
  if (words.size() > limit)
    words.resize(limit);
}

} // namespace

vocabulary::vocabulary(const std::vector<std::string_view>& words) {
  size_t bytes = 0;
  for (auto word : words)
    bytes += word.size();
  text_.reserve(bytes);
  starts_.reserve(words.size() + 1);
  signatures_.reserve(words.size());
  for (auto word : words) {
    starts_.push_back(static_cast<uint32_t>(text_.size()));
    signatures_.push_back(signature_of(word));
    text_.append(word);
  }
  starts_.push_back(static_cast<uint32_t>(text_.size()));
}

std::string_view vocabulary::word(word_id id) const noexcept {
  return std::string_view{text_}.substr(starts_[id], starts_[id + 1] - starts_[id]);
}

std::optional<vocabulary::word_id> vocabulary::find(std::string_view word) const noexcept {
  auto first = with_prefix(word).first;
  if (first < size() && this->word(first) == word)
    return first;
  return std::nullopt;
}

std::pair<vocabulary::word_id, vocabulary::word_id>
vocabulary::with_prefix(std::string_view prefix) const noexcept {
  auto partition = [this](auto is_before) {
    word_id first = 0;
    auto count = static_cast<word_id>(size());
    while (count > 0) {
      auto half = count / 2;
      if (is_before(word(first + half))) {
        first += half + 1;
        count -= half + 1;
      } else {
        count = half;
      }
    }
    return first;
  };
  return {partition([&](std::string_view x) { return x < prefix; }),
          partition([&](std::string_view x) { return x.substr(0, prefix.size()) <= prefix; })};
}

std::vector<vocabulary::neighbour> vocabulary::misspelt(std::string_view word, size_t limit) const {
  constexpr size_t shortest = 4;
  constexpr size_t shortest_for_two = 6;
  std::vector<neighbour> result;
  if (word.size() < shortest)
    return result;
  size_t edits = word.size() < shortest_for_two ? 1 : 2;
  auto signature = signature_of(word);
  for (word_id id = 0; id < size(); ++id) {
    // One edit changes at most two of the characters that a word holds.
    if (std::popcount(signature ^ signatures_[id]) > static_cast<int>(2 * edits))
      continue;
    auto other = this->word(id);
    auto distance = edit_distance(word, other, edits);
    if (distance == 0 || distance > edits || other.size() < shortest)
      continue;
    auto length = static_cast<double>(std::max(word.size(), other.size()));
    result.push_back({id, 1.0 - static_cast<double>(distance) / length});
  }
  keep_nearest(result, limit);
  return result;
}

std::vector<vocabulary::neighbour> vocabulary::similar(std::string_view word, double at_least, size_t limit) const {
  std::vector<neighbour> result;
  trigrams wanted{word};
  auto signature = signature_of(word);
  for (word_id id = 0; id < size(); ++id) {
    // Sharing trigrams takes sharing characters, which is quickly seen.
    if (2 * std::popcount(signature & signatures_[id]) < std::popcount(signature))
      continue;
    auto similarity = wanted.similarity(this->word(id));
    if (similarity >= at_least && similarity < 1)
      result.push_back({id, similarity});
  }
  keep_nearest(result, limit);
  return result;
}

size_t vocabulary::memory() const noexcept {
  return text_.capacity() + starts_.capacity() * sizeof(uint32_t) + signatures_.capacity() * sizeof(uint64_t);
}

} // namespace hub
