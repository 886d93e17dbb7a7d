#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hub {

/// Which documents hold a term, and how much they are about it: four bytes for
/// each pair. Terms and documents are numbers from 0.
class term_postings {
public:
  /// One document of a term.
  struct occurrence {
    uint32_t document;

    /// How often the document holds the term, weighted by field and length; more than 0.
    float frequency;
  };

  /// How many documents there can be.
  static constexpr uint32_t document_limit = 1u << 20;

  term_postings() : starts_{0} {
    // nop
  }

  /// Adds the next term. `occurrences` names each document once.
  void add_term(std::span<const occurrence> occurrences);

  /// Ends the adding and gives spare memory back.
  void finish(uint32_t documents);

  /// How rare `term` is: the BM25 inverse document frequency, above 0.
  float rarity(uint32_t term) const noexcept;

  /// Adds to the score of each document what `term` is worth there, times `weight`.
  void score(uint32_t term, float weight, std::span<float> scores) const noexcept;

  /// How many documents hold `term`.
  uint32_t count(uint32_t term) const noexcept {
    return starts_[term + 1] - starts_[term];
  }

  /// The heap memory of this object in bytes.
  size_t memory() const noexcept;

private:
  /// Where the postings of each term start, and the end of the last.
  std::vector<uint32_t> starts_;

  /// The document in the upper 20 bits, its saturated frequency in the lower 12.
  std::vector<uint32_t> postings_;

  uint32_t documents_ = 0;
};

} // namespace hub
