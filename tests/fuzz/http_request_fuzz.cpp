// The same requests in chunks of any size are read the same, and what is read of their headers holds together.
#include "messages/mirrored_headers.hpp"
#include "server/mcp_headers.hpp"
#include "server/origin_check.hpp"
#include "server/request_reader.hpp"
#include "server/resumable_stream.hpp"
#include "server/routes.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace hub;
using hub::fuzz::require;

namespace {

constexpr size_t body_limit = 4096;
constexpr size_t most_requests = 64;

struct reading {
  std::vector<std::string> requests;
  request_reader::state end = request_reader::state::idle;
  int status = 0;
};

/// What the hub goes by in a request.
std::string look_at(http_request& request) {
  auto where = find_route(request.target);
  require(where.server.find('\0') == std::string::npos, "no name of a server holds a NUL");
  require(path_of(request.target).find('?') == std::string_view::npos, "a path has no query");
  origin_rules rules;
  rules.bound_host = "127.0.0.1";
  if (check_origin(rules, request.host, request.origin) == origin_verdict::allowed)
    require(!request.host.empty(), "a request without a host comes from nowhere");
  (void)find_version_mismatch(request, "2026-07-28");
  (void)find_mismatch(request, "tools/call", request.body);
  (void)is_json_type(request.content_type);
  if (auto position = read_event_id(request.last_event_id))
    require(!request.last_event_id.empty(), "an empty id is no place in a stream");
  // What is written for a header is read back as it was.
  auto told = decode_header(encode_header_value(request.body.view()));
  require(told && (*told == request.body.view()), "a value comes through a header as it is");
  std::string result{request.target};
  for (auto part : {request.host, request.origin, request.content_type, request.session_id, request.mcp_method})
    result.append("|").append(part);
  return result.append("|").append(request.body.view());
}

/// Feeds `bytes` in chunks whose sizes `sizes` says, over and over, until no more can be read.
reading read(std::string_view bytes, std::string_view sizes) {
  request_reader reader{body_limit};
  reading result;
  auto take = [&] {
    while (reader.now() == request_reader::state::complete && result.requests.size() < most_requests) {
      require(reader.request().body.view().size() <= body_limit, "no body is larger than its limit");
      result.requests.push_back(look_at(reader.request()));
      reader.next();
    }
  };
  for (size_t at = 0, turn = 0; at < bytes.size(); ++turn) {
    auto wanted = sizes.empty() ? bytes.size() : 1 + static_cast<unsigned char>(sizes[turn % sizes.size()]);
    // In memory of its own, so that a view that outlives its chunk shows.
    std::string chunk{bytes.substr(at, wanted)};
    reader.feed(chunk);
    at += chunk.size();
    take();
    if (reader.now() == request_reader::state::refused || reader.now() == request_reader::state::complete)
      break;
  }
  result.end = reader.now();
  if (result.end == request_reader::state::refused) {
    result.status = reader.refusal().status;
    require(!reader.refusal().why.empty(), "a refusal says why");
  }
  return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 5)
    return 0;
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  auto text = bytes.substr(4);
  auto in_pieces = read(text, bytes.substr(0, 4));
  auto at_once = read(text, {});
  require(in_pieces.requests == at_once.requests, "the requests do not depend on the chunks");
  // One that is not whole may be refused as soon as what is wrong with it is there, or still be waited for.
  auto is_open = [](const reading& x) { return x.end == request_reader::state::header || x.end == request_reader::state::body; };
  require(is_open(in_pieces) || is_open(at_once) || in_pieces.end == at_once.end, "nor does it whether all could be read");
  return 0;
}
