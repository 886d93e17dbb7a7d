#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace hub::cli {

/// How a piece of text looks where colours are on.
enum class style { plain, bold, dim, good, warning, bad };

/// The streams of a command and what they lead to. Commands touch no other
/// stream, so that a test can hand in its own.
struct console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;

  /// Whether `out` may get colours.
  bool colour = false;

  bool out_is_terminal = false;
  bool err_is_terminal = false;

  /// Columns of the terminal that `out` leads to, or 0 for no limit.
  size_t width = 0;

  /// `text` in a style if colours are on, or as it is.
  std::string paint(style look, std::string_view text) const;
};

/// The console of this process. The environment variable NO_COLOR, if not
/// empty, and `TERM=dumb` turn colours off.
console process_console();

/// How many columns UTF-8 text takes in a terminal; wide characters take two.
size_t display_width(std::string_view text) noexcept;

/// `text` cut to `width` columns, with an ellipsis if something was lost.
std::string fit(std::string_view text, size_t width);

/// Text from elsewhere in one line that is safe to print: control characters,
/// which could drive the terminal, become `?`, and white space a blank.
std::string printable_line(std::string_view text);

/// The same for text of several lines, which keeps newlines and tabs.
std::string printable_text(std::string_view text);

} // namespace hub::cli
