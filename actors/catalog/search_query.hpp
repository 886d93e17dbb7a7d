#pragma once

#include "actors/catalog/vocabulary.hpp"

#include <string_view>
#include <vector>

namespace hub {

/// A word of the vocabulary that a request is about.
struct query_word {
  /// How the word came out of the request.
  enum class origin : uint8_t { written, synonym, translation, beginning, spelling };

  vocabulary::word_id word;

  /// How much the word counts: 1 as it was written, less if it was guessed.
  float weight;

  origin from;

  /// The word it stands for, if that is in the vocabulary too, or `word`.
  vocabulary::word_id stands_for;
};

/// Finds the words of `known` that `request` is about, each once: the words as
/// they are written, their synonyms and translations, the words that the last one begins, and
/// the nearest spellings of words that are unknown otherwise.
std::vector<query_word> read_query(std::string_view request, const vocabulary& known);

/// Finds words that share a good part of their letters with a word of
/// `request`, for when `read_query` leads nowhere.
std::vector<query_word> guess_query(std::string_view request, const vocabulary& known);

} // namespace hub
