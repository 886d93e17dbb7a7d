#pragma once

#include <string>
#include <string_view>

namespace hub {

/// `text` as one line that may be shown in a terminal, whoever wrote it: valid UTF-8 in which nothing
/// steers. Control sequences (`ESC [ ... letter`) are left out; controls (C0, DEL, C1), line separators and
/// the marks that reorder what stands around them are blanks; bytes that are no UTF-8 are U+FFFD.
std::string printable_line(std::string_view text);

} // namespace hub
