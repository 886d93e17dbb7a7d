#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hub {

/// What a character is to the tokenizer.
enum class letter_kind : uint8_t {
  /// White space, punctuation, symbols.
  separator,
  lower,
  upper,
  digit,
  /// A letter of a script without case.
  other,
  /// A letter of a script that does not put spaces between words.
  unspaced,
  /// An accent that stands on its own.
  mark,
};

/// Stands for bytes that are not UTF-8.
inline constexpr char32_t no_code_point = 0xFFFFFFFF;

/// Takes the first character from `text`, which must not be empty. Takes one
/// byte and returns `no_code_point` where the bytes are not UTF-8.
char32_t take_code_point(std::string_view& text) noexcept;

letter_kind kind_of(char32_t c) noexcept;

/// The small letter for a capital of the Latin, Greek or Cyrillic script.
char32_t lower_of(char32_t c) noexcept;

/// A small letter without its accent: `é` becomes `e`, a final sigma a sigma.
char32_t bare_of(char32_t c) noexcept;

} // namespace hub
