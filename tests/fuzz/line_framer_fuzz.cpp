// The same bytes in chunks of any size make the same lines.
#include "actors/transport/line_framer.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace hub;
using hub::fuzz::require;

namespace {

struct reading {
  bool whole = true;
  std::vector<std::string> lines;
};

/// Feeds `bytes` in chunks whose sizes `sizes` says, over and over.
reading read(std::string_view bytes, std::string_view sizes, size_t limit) {
  line_framer framer{limit};
  std::vector<json_text> lines;
  reading result;
  for (size_t at = 0, turn = 0; at < bytes.size() && result.whole; ++turn) {
    auto wanted = sizes.empty() ? bytes.size() : 1 + static_cast<unsigned char>(sizes[turn % sizes.size()]);
    auto chunk = bytes.substr(at, wanted);
    result.whole = framer.feed(chunk, lines);
    at += chunk.size();
    require(!result.whole || framer.pending() <= limit + 1, "no more is kept than a line may have");
  }
  if (result.whole)
    framer.finish(lines);
  for (auto& line : lines)
    result.lines.emplace_back(line.view());
  return result;
}

/// The longest line with all that stands before its line feed.
size_t longest(std::string_view text) {
  size_t result = 0;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    result = std::max(result, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 6)
    return 0;
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  auto limit = size_t{1} + static_cast<unsigned char>(bytes[0]);
  auto sizes = bytes.substr(1, 4);
  auto text = bytes.substr(5);
  auto in_pieces = read(text, sizes, limit);
  auto at_once = read(text, {}, limit);
  require(longest(text) > limit || in_pieces.whole, "what is within the limit is read");
  if (in_pieces.whole) {
    // A line end in a chunk of its own counts as part of the line.
    require(at_once.whole, "more bytes at once are no harder to read");
    require(in_pieces.lines == at_once.lines, "the lines do not depend on the chunks");
  }
  for (auto& line : in_pieces.lines) {
    require(line.size() <= limit, "no line is longer than the limit");
    require(line.find('\n') == std::string::npos, "no line holds a line feed");
    require(line.find_first_not_of(" \t") != std::string::npos, "no line is blank");
  }
  return 0;
}
