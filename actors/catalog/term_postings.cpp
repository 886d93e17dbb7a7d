#include "actors/catalog/term_postings.hpp"

#include <algorithm>
#include <cmath>

namespace hub {

namespace {

constexpr uint32_t impact_bits = 12;
constexpr uint32_t impact_mask = (1u << impact_bits) - 1;

/// BM25's k1: the second occurrence of a term says less than the first. Much
/// larger than usual, because one occurrence in a name counts three already.
constexpr float saturation = 6;

} // namespace

void term_postings::add_term(std::span<const occurrence> occurrences) {
  for (auto& x : occurrences) {
    auto saturated = x.frequency / (x.frequency + saturation);
    auto impact = static_cast<uint32_t>(std::lround(saturated * impact_mask));
    postings_.push_back(x.document << impact_bits | std::clamp(impact, 1u, impact_mask));
  }
  starts_.push_back(static_cast<uint32_t>(postings_.size()));
}

void term_postings::finish(uint32_t documents) {
  documents_ = documents;
  starts_.shrink_to_fit();
  postings_.shrink_to_fit();
}

float term_postings::rarity(uint32_t term) const noexcept {
  auto holders = static_cast<float>(count(term));
  return std::log(1.0f + (static_cast<float>(documents_) - holders + 0.5f) / (holders + 0.5f));
}

void term_postings::score(uint32_t term, float weight, std::span<float> scores) const noexcept {
  auto unit = weight * (saturation + 1) / static_cast<float>(impact_mask);
  for (auto i = starts_[term]; i < starts_[term + 1]; ++i) {
    auto posting = postings_[i];
    scores[posting >> impact_bits] += unit * static_cast<float>(posting & impact_mask);
  }
}

size_t term_postings::memory() const noexcept {
  return (starts_.capacity() + postings_.capacity()) * sizeof(uint32_t);
}

} // namespace hub
