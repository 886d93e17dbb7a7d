#pragma once

#include "messages/json_text.hpp"
#include "messages/large_result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// A result, taken apart.
struct result_parts {
  /// The texts of its content, joined by line feeds; its structure if it has no text.
  std::string text;

  /// Content that is no text, and small enough to go along: JSON, with a comma before each.
  std::string others;

  /// How many pieces of content were too large to go along.
  size_t left_out = 0;
};

/// Takes the result of `tools/call` apart.
/// @param limit The most bytes that one piece which is no text may have to go along.
result_parts take_apart(const json_text& result, size_t limit);

/// The end of a piece of `text` that begins at `begin` and has at most `length` bytes: behind its last
/// line if that is not too short, and never inside a character.
size_t end_of_piece(std::string_view text, size_t begin, size_t length);

/// A result with the beginning of its text, and how to read on.
/// @param result The whole one; its `isError` and `_meta` stay.
/// @param token Empty if the rest is not kept.
json_text head_of(const json_text& result, const result_parts& parts, size_t length, const std::string& token);

/// A piece of a kept text, as the result of `hub__read_result`.
std::string piece_of(const std::string& text, const read_result& x);

/// The lines of a kept text that `x.search` stands in, as the result of `hub__read_result`.
std::string matches_in(const std::string& text, const read_result& x);

} // namespace hub
