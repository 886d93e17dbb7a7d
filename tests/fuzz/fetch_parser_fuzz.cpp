// The same answers in chunks of any size are read the same.
#include "actors/transport/http/fetch_parser.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace hub;
using hub::fuzz::require;

namespace {

struct reading {
  fetch_parser::state state = fetch_parser::state::idle;
  int status = 0;
  std::string body;
};

/// Feeds `bytes` in chunks whose sizes `sizes` says, over and over, until one answer
/// is complete.
reading read(std::string_view bytes, std::string_view sizes) {
  fetch_parser parser{4096};
  parser.begin(false);
  reading result;
  auto open = [&] {
    return result.state != fetch_parser::state::complete && result.state != fetch_parser::state::broken;
  };
  for (size_t at = 0, turn = 0; at < bytes.size() && open(); ++turn) {
    auto wanted = sizes.empty() ? bytes.size() : 1 + static_cast<unsigned char>(sizes[turn % sizes.size()]);
    // In memory of its own, so that a piece that outlives its chunk shows.
    std::string chunk{bytes.substr(at, wanted)};
    result.state = parser.feed(chunk);
    at += chunk.size();
    fetch_head head;
    if (parser.take_head(head))
      result.status = head.status;
    for (auto piece : parser.pieces())
      result.body += piece;
  }
  if (open())
    result.state = parser.finish();
  return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 5)
    return 0;
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  auto in_pieces = read(bytes.substr(4), bytes.substr(0, 4));
  auto at_once = read(bytes.substr(4), {});
  if (at_once.state == fetch_parser::state::complete && in_pieces.state == fetch_parser::state::complete) {
    require(at_once.status == in_pieces.status, "the status does not depend on the chunks");
    require(at_once.body == in_pieces.body, "nor the body");
    require(at_once.status / 100 != 1, "an interim answer is no answer");
  }
  return 0;
}
