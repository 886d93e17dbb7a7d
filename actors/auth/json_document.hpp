#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Members of the JSON documents of authorization servers. One that is not there
// or has another type reads as nothing.
namespace hub {

/// Whether `text` is one well-formed JSON object, at most 32 deep.
bool is_document(std::string_view text);

std::string document_text(std::string_view document, std::string_view key);

/// The strings of an array; other elements are skipped, as is all beyond 256.
/// Nothing if the member is no array.
std::optional<std::vector<std::string>> document_texts(std::string_view document, std::string_view key);

bool document_flag(std::string_view document, std::string_view key);

/// A whole number, or one in a string or with a fraction, as some servers write it.
std::optional<int64_t> document_number(std::string_view document, std::string_view key);

/// The words of `text`, which are separated by blanks, each once.
std::vector<std::string> words_of(std::string_view text);

/// `words` with blanks between.
std::string joined(const std::vector<std::string>& words);

/// `a` and what only `b` has.
std::vector<std::string> united(std::vector<std::string> a, const std::vector<std::string>& b);

bool contains(const std::vector<std::string>& words, std::string_view word);

} // namespace hub
