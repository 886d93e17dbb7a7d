#include "actors/catalog/search_query.hpp"

#include "actors/catalog/synonyms.hpp"
#include "actors/catalog/text_analysis.hpp"
#include "actors/catalog/translations.hpp"

#include <algorithm>

namespace hub {

namespace {

/// A synonym is a guess: it breaks ties and finds what would be missed.
constexpr float synonym_weight = 0.3f;

/// A word of another language is the same word, as far as one says the same there.
constexpr float translation_weight = 0.8f;

/// A word that goes on differently may be another word.
constexpr float beginning_weight = 0.3f;

/// A word that is not in the vocabulary was probably meant to be a near one; a long one that is a
/// single slip within it away nearly surely. More weight for slips costs a question of the benchmark.
constexpr float spelling_weight = 0.5f;
constexpr float slip_weight = 0.8f;

/// How long a word is whose slip is recognized, in bytes: short ones have many neighbours.
constexpr size_t shortest_slip = 6;

/// Requests longer than this say no more with their other words.
constexpr size_t word_limit = 128;

/// How many words one beginning may stand for.
constexpr size_t beginning_limit = 24;

constexpr size_t spelling_limit = 3;

constexpr size_t guess_limit = 6;

/// How many words may be looked for in the whole vocabulary, which takes long.
constexpr size_t costly_limit = 8;

constexpr double guess_similarity = 0.4;

class query_reader {
public:
  using origin = query_word::origin;

  query_reader(std::string_view request, const vocabulary& known) : known_(known) {
    append_terms(request, stop_words::drop, terms_);
    if (terms_.empty())
      append_terms(request, stop_words::keep, terms_);
    if (terms_.size() > word_limit)
      terms_.resize(word_limit);
    // A space behind the last word says that it is whole.
    if (!request.empty() && identifier_key(request.substr(request.size() - 1)) != "")
      last_written_ = last_word(request);
  }

  std::vector<query_word> read() {
    for (size_t i = 0; i < terms_.size(); ++i)
      if (!read_term(i))
        unknown_.push_back(i);
    read_beginning();
    // Among many words that are known, an unknown one is rather a name, unless it is one slip away.
    auto takes_any = unknown_.size() * 3 >= terms_.size();
    for (size_t i = 0; i < std::min(unknown_.size(), costly_limit); ++i)
      read_misspelt(terms_[unknown_[i]], takes_any);
    return std::move(words_);
  }

  std::vector<query_word> guess() {
    terms_.resize(std::min(terms_.size(), costly_limit));
    for (auto& term : terms_)
      for (auto& x : known_.similar(term, guess_similarity, guess_limit))
        add(x.word, spelling_weight * static_cast<float>(x.similarity), origin::spelling);
    return std::move(words_);
  }

private:
  static std::string last_word(std::string_view request) {
    auto written = to_lower(request);
    auto first = written.find_last_of(" \t\r\n_-./:,;\"'()");
    return first == std::string::npos ? written : written.substr(first + 1);
  }

  /// Returns whether the term leads anywhere.
  bool read_term(size_t i) {
    auto& term = terms_[i];
    auto word = known_.find(term);
    if (word)
      add(*word, 1, origin::written);
    for_each_synonym(term, [&](const std::string& other) {
      if (auto found = known_.find(other))
        add(*found, synonym_weight, origin::synonym, word);
    });
    auto is_known = word.has_value();
    for (auto& other : translations_of(term))
      if (auto found = known_.find(other)) {
        add(*found, translation_weight, origin::translation, word);
        is_known = true;
      }
    // "power point" and "powerpoint" are one.
    if (i + 1 < terms_.size())
      is_known |= add_joined(term + terms_[i + 1]);
    if (i > 0)
      is_known |= known_.find(terms_[i - 1] + term).has_value();
    is_known |= i + 1 == terms_.size() && is_beginning();
    return is_known || add_halves(term);
  }

  void read_misspelt(const std::string& term, bool takes_any) {
    if (!takes_any && term.size() < shortest_slip)
      return;
    auto near = known_.misspelt(term, spelling_limit);
    auto is_slip = [&](const vocabulary::neighbour& x) {
      auto edits = (1 - x.similarity) * static_cast<double>(std::max(term.size(), known_.word(x.word).size()));
      auto other = known_.word(x.word);
      return term.size() >= shortest_slip && edits < 1.5 && term.front() == other.front() && term.back() == other.back();
    };
    auto slips = std::ranges::count_if(near, is_slip);
    for (auto& x : near)
      if (slips == 1 && is_slip(x))
        add(x.word, slip_weight, origin::spelling);
      else if (takes_any)
        add(x.word, spelling_weight * static_cast<float>(x.similarity), origin::spelling);
  }

  bool add_joined(const std::string& term) {
    auto found = known_.find(term);
    if (found)
      add(*found, 1, origin::written);
    return found.has_value();
  }

  /// Reads an unknown `webpage` as "web page".
  bool add_halves(std::string_view term) {
    constexpr size_t shortest = 3;
    for (auto cut = shortest; cut + shortest <= term.size(); ++cut) {
      auto first = known_.find(term.substr(0, cut));
      auto second = known_.find(stem(term.substr(cut)));
      if (first && second) {
        add(*first, spelling_weight, origin::written);
        add(*second, spelling_weight, origin::written);
        return true;
      }
    }
    return false;
  }

  bool is_beginning() const {
    constexpr size_t shortest = 2;
    if (last_written_.size() < shortest)
      return false;
    auto [first, last] = known_.with_prefix(last_written_);
    return first != last;
  }

  void read_beginning() {
    // A word that is known as it stands is rarely the beginning of another,
    // unless it is all that somebody has typed yet.
    auto is_whole = terms_.size() > 1 && known_.find(terms_.back()).has_value();
    if (is_whole || !is_beginning())
      return;
    auto [first, last] = known_.with_prefix(last_written_);
    last = std::min(last, first + static_cast<vocabulary::word_id>(beginning_limit));
    for (auto id = first; id < last; ++id)
      add(id, beginning_weight, origin::beginning);
  }

  void add(vocabulary::word_id word, float weight, origin from, std::optional<vocabulary::word_id> stands_for = {}) {
    auto found = std::find_if(words_.begin(), words_.end(), [&](const query_word& x) { return x.word == word; });
    query_word added{word, weight, from, stands_for.value_or(word)};
    if (found == words_.end())
      words_.push_back(added);
    else if (found->weight < weight)
      *found = added;
  }

  const vocabulary& known_;
  std::vector<std::string> terms_;

  /// The last word before it was stemmed; empty if it is whole.
  std::string last_written_;

  /// The terms that were not found as they are written.
  std::vector<size_t> unknown_;

  std::vector<query_word> words_;
};

} // namespace

std::vector<query_word> read_query(std::string_view request, const vocabulary& known) {
  return query_reader{request, known}.read();
}

std::vector<query_word> guess_query(std::string_view request, const vocabulary& known) {
  return query_reader{request, known}.guess();
}

} // namespace hub
