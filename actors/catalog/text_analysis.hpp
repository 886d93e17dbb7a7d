#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// What becomes of words that say nothing about a tool, such as "the".
enum class stop_words : bool { drop, keep };

/// Appends the terms of `text` in order. Works on any text: identifiers are
/// split (`getUserById`, `get-user`, `base64`), English words are stemmed,
/// letters lose case and accents, scripts written without spaces become pairs
/// of characters. Bytes that are not UTF-8 separate words.
void append_terms(std::string_view text, stop_words stops, std::vector<std::string>& terms);

/// The terms of `text`; see `append_terms`.
std::vector<std::string> terms_of(std::string_view text, stop_words stops = stop_words::drop);

/// Cuts an English word in lower case down to what it shares with its
/// inflections: `creating`, `created` and `creates` become `creat`.
/// Other words and words of three letters come back as they are.
std::string stem(std::string_view word);

/// `text` in lower case: ASCII, Latin, Greek and Cyrillic letters. Everything
/// else, invalid bytes included, stays as it is.
std::string to_lower(std::string_view text);

/// The key under which two spellings of an identifier are the same: ASCII
/// letters in lower case, each run of ASCII punctuation and spaces one `_`,
/// none at the ends. `git-hub.Create_Issue` becomes `git_hub_create_issue`.
std::string identifier_key(std::string_view text);

/// The first `length` bytes of `text`, or fewer, so that no character is cut.
std::string_view utf8_prefix(std::string_view text, size_t length) noexcept;

} // namespace hub
