// The same bytes in chunks of any size make the same events.
#include "actors/transport/event_stream.hpp"
#include "tests/fuzz/require.hpp"

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
  std::vector<arrived_event> events;
  std::string last_id;
};

/// Feeds `bytes` in chunks whose sizes `sizes` says, over and over.
reading read(std::string_view bytes, std::string_view sizes, size_t limit) {
  event_stream_parser parser{limit};
  reading result;
  for (size_t at = 0, turn = 0; at < bytes.size() && result.whole; ++turn) {
    auto wanted = sizes.empty() ? bytes.size() : 1 + static_cast<unsigned char>(sizes[turn % sizes.size()]);
    auto chunk = bytes.substr(at, wanted);
    result.whole = parser.feed(chunk, result.events);
    at += chunk.size();
  }
  result.last_id = parser.last_id();
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
  require(in_pieces.whole == at_once.whole, "whether it fits does not depend on the chunks");
  require(in_pieces.events.size() == at_once.events.size(), "nor how many events there are");
  require(in_pieces.last_id == at_once.last_id, "nor the last id");
  for (size_t i = 0; i < at_once.events.size(); ++i) {
    require(in_pieces.events[i].data == at_once.events[i].data, "nor what they say");
    require(in_pieces.events[i].type == at_once.events[i].type, "nor their types");
    require(at_once.events[i].data.size() <= limit + 16, "no event is larger than the limit");
    require(!at_once.events[i].data.empty(), "no event is empty");
    require(at_once.events[i].data.find('\r') == std::string::npos, "a carriage return ends a line");
  }
  return 0;
}
