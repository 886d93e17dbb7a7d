#include "actors/catalog/text_analysis.hpp"

#include "actors/catalog/code_points.hpp"
#include "messages/rpc/utf8.hpp"

#include <algorithm>
#include <array>

namespace hub {

namespace {

/// Sorted. Verbs that every tool has in its description are not here: BM25
/// weighs them down by itself, and in a short request they matter.
constexpr auto stop_list = std::to_array<std::string_view>({
  "a", "about", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been",
  "both", "by", "can", "could", "did", "do", "does", "each", "for", "from", "has", "have",
  "how", "i", "if", "in", "into", "is", "it", "its", "just", "let", "like", "may", "me", "must",
  "my", "need", "of", "on", "only", "or", "other", "our", "please", "s", "should", "so", "some",
  "such", "t", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this",
  "to", "us", "use", "used", "using", "very", "via", "want", "we", "what", "when", "where",
  "which", "will", "with", "would", "you", "your",
});
static_assert(std::is_sorted(stop_list.begin(), stop_list.end()));

bool is_stop_word(std::string_view word) {
  return std::binary_search(stop_list.begin(), stop_list.end(), word);
}

bool is_ascii_letters(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// One character of a word, already without case and accent.
struct letter {
  char32_t value;
  letter_kind kind;
};

/// Turns runs of letters into terms.
class term_writer {
public:
  term_writer(stop_words stops, std::vector<std::string>& terms) : stops_(stops), terms_(terms) {
    // nop
  }

  void take(char32_t c) {
    auto kind = kind_of(c);
    if (kind == letter_kind::mark)
      return;
    if (kind == letter_kind::separator) {
      finish();
      return;
    }
    auto is_unspaced = kind == letter_kind::unspaced;
    if (!run_.empty() && is_unspaced != (run_.back().kind == letter_kind::unspaced))
      finish();
    run_.push_back({bare_of(lower_of(c)), kind});
  }

  void finish() {
    if (run_.empty())
      return;
    if (run_.front().kind == letter_kind::unspaced)
      write_pairs();
    else
      write_words();
    run_.clear();
  }

private:
  /// A boundary of `camelCase` or `HTTPServer` before the letter at `i`.
  bool starts_word(size_t i) const {
    if (run_[i].kind != letter_kind::upper)
      return false;
    if (run_[i - 1].kind == letter_kind::lower)
      return true;
    return i + 1 < run_.size() && run_[i + 1].kind == letter_kind::lower;
  }

  std::string text(size_t first, size_t last) const {
    std::string result;
    for (auto i = first; i < last; ++i)
      rpc::append_utf8(run_[i].value, result);
    return result;
  }

  void write_pairs() {
    if (run_.size() == 1)
      terms_.push_back(text(0, 1));
    for (size_t i = 0; i + 1 < run_.size(); ++i)
      terms_.push_back(text(i, i + 2));
  }

  void write_words() {
    size_t first = 0;
    size_t words = 0;
    for (size_t i = 1; i <= run_.size(); ++i) {
      if (i < run_.size() && !starts_word(i))
        continue;
      write_word(first, i);
      first = i;
      ++words;
    }
    // `GitHub` is a name and also one word; `getUserById` is not.
    if (run_.front().kind == letter_kind::upper && (words == 2 || words == 3))
      terms_.push_back(stem(text(0, run_.size())));
  }

  void write_word(size_t first, size_t last) {
    auto word = text(first, last);
    if (stops_ == stop_words::drop && is_stop_word(word))
      return;
    write_digit_parts(first, last);
    terms_.push_back(stem(word));
  }

  /// `base64` is also `base` and `64`, but `k8s` is only itself.
  void write_digit_parts(size_t first, size_t last) {
    constexpr size_t shortest_word = 3;
    constexpr size_t shortest_number = 2;
    auto is_digit = [this](size_t i) { return run_[i].kind == letter_kind::digit; };
    for (auto i = first; i < last;) {
      auto end = i + 1;
      while (end < last && is_digit(end) == is_digit(i))
        ++end;
      auto is_part = end - i < last - first;
      if (is_part && end - i >= (is_digit(i) ? shortest_number : shortest_word))
        terms_.push_back(stem(text(i, end)));
      i = end;
    }
  }

  stop_words stops_;
  std::vector<std::string>& terms_;
  std::vector<letter> run_;
};

bool has_vowel(std::string_view word) {
  return word.find_first_of("aeiouy") != std::string_view::npos;
}

bool drop_suffix(std::string& word, std::string_view suffix, size_t shortest_rest) {
  if (!word.ends_with(suffix) || word.size() < suffix.size() + shortest_rest)
    return false;
  word.resize(word.size() - suffix.size());
  return true;
}

void drop_plural(std::string& word) {
  if (word.ends_with("ss") || word.ends_with("us") || word.ends_with("is"))
    return;
  if (word.size() > 4 && word.ends_with("ies")) {
    word.replace(word.size() - 3, 3, "y");
    return;
  }
  for (std::string_view ending : {"sses", "xes", "ches", "shes", "zzes", "oes"}) {
    if (word.size() > 4 && word.ends_with(ending)) {
      word.resize(word.size() - 2);
      return;
    }
  }
  drop_suffix(word, "s", 3);
}

/// Cuts `ing` or `ed`. Returns whether the rest may be the stem of a word in
/// `-ate`, which a doubled letter rules out (`formatting`).
bool drop_inflection(std::string& word) {
  if (word.size() > 4 && word.ends_with("ied")) {
    word.replace(word.size() - 3, 3, "y");
    return false;
  }
  for (std::string_view suffix : {"ing", "ed"}) {
    if (!word.ends_with(suffix) || word.size() < suffix.size() + 3)
      continue;
    auto rest = std::string_view{word}.substr(0, word.size() - suffix.size());
    if (!has_vowel(rest) || rest.ends_with("e"))
      return false;
    word.resize(rest.size());
    auto n = word.size();
    if (n > 3 && word[n - 1] == word[n - 2] && std::string_view{"lsz"}.find(word[n - 1]) == std::string_view::npos) {
      word.resize(n - 1);
      return false;
    }
    return true;
  }
  return false;
}

} // namespace

std::string stem(std::string_view word) {
  std::string result{word};
  if (word.size() <= 3 || !is_ascii_letters(word))
    return result;
  if (word == "analysis" || word == "analyses")
    return "analyz";
  if (word == "news")
    return result;
  drop_plural(result);
  auto derived = drop_inflection(result);
  if (!derived) {
    drop_suffix(result, "ment", 5);
    if (result.ends_with("tion") || result.ends_with("sion"))
      derived = drop_suffix(result, "ion", 5);
    else if (result.ends_with("tor"))
      derived = drop_suffix(result, "or", 5);
    else
      derived = drop_suffix(result, "er", 4);
  }
  if (result.size() > 3 && result.ends_with("e") && !result.ends_with("ee")) {
    result.pop_back();
    derived = true;
  }
  if (derived)
    drop_suffix(result, "at", 4);
  // `summarize` and `summary`, `analyse` and `analyze`.
  if (result.ends_with("lys") && result.size() > 4)
    result.back() = 'z';
  else if ((result.ends_with("iz") || result.ends_with("is")) && result.size() > 5)
    result.replace(result.size() - 2, 2, "y");
  return result;
}

void append_terms(std::string_view text, stop_words stops, std::vector<std::string>& terms) {
  term_writer writer{stops, terms};
  while (!text.empty())
    writer.take(take_code_point(text));
  writer.finish();
}

std::vector<std::string> terms_of(std::string_view text, stop_words stops) {
  std::vector<std::string> result;
  append_terms(text, stops, result);
  return result;
}

std::string to_lower(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    auto before = text;
    auto c = take_code_point(text);
    if (c == no_code_point)
      result += before.front();
    else
      rpc::append_utf8(lower_of(c), result);
  }
  return result;
}

std::string identifier_key(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (auto c : text) {
    auto byte = static_cast<unsigned char>(c);
    auto kind = byte < 0x80 ? kind_of(byte) : letter_kind::other;
    if (kind != letter_kind::separator)
      result += kind == letter_kind::upper ? static_cast<char>(c + 32) : c;
    else if (!result.empty() && result.back() != '_')
      result += '_';
  }
  if (!result.empty() && result.back() == '_')
    result.pop_back();
  return result;
}

std::string_view utf8_prefix(std::string_view text, size_t length) noexcept {
  if (text.size() <= length)
    return text;
  while (length > 0 && static_cast<unsigned char>(text[length]) >> 6 == 2)
    --length;
  return text.substr(0, length);
}

} // namespace hub
