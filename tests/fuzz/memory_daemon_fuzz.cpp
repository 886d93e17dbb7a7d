// Bytes as what a program says that answers in place of the memory daemon: its health, its memories, its mesh. The first
// byte is the status of HTTP.
#include "actors/slm/mesh_api.hpp"
#include "actors/slm/recalled_text.hpp"
#include "actors/slm/slm_api.hpp"
#include "actors/slm/slm_place.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace hub;
using hub::fuzz::require;

namespace {

constexpr size_t most = 5;

/// How often `part` stands in `text`.
size_t count(std::string_view text, std::string_view part) {
  size_t result = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
    ++result;
  return result;
}

void recall(std::string_view body) {
  auto found = read_slm_recall(body, most);
  require(found.size() <= most, "no more is recalled than was asked for");
  auto text = recalled_text(found);
  require(text.size() <= recalled_bytes_max, "what was recalled is no longer than it may be");
  require(rpc::is_utf8(text), "a model is shown whole characters");
  if (text.empty())
    return;
  require(text.ends_with("</untrusted-memory>"), "the fence is closed");
  require(count(text, "<") == 2 && count(text, ">") == 2, "nothing inside the fence looks like one");
  require(count(text, "\n") == found.size() + 2 || count(text, "\n") < found.size() + 2, "a note is one line");
}

void mesh(std::string_view body) {
  (void)read_mesh_registration(body);
  require(read_mesh_peers(body, most).size() <= most, "there are no more peers than may be");
  require(read_mesh_inbox(body, most).size() <= most, "there are no more messages than may be");
  auto lock = read_mesh_lock(body);
  require(!confirms(lock, lock, "") || (lock.acquired && lock.locked), "nothing confirms a lock that nobody holds");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0)
    return 0;
  std::string_view body{reinterpret_cast<const char*>(data) + 1, size - 1};
  auto first_line = body.substr(0, body.find('\n'));
  auto answer = read_slm_answer(data[0] * 4, std::string{body}, first_line, first_line);
  if (answer.outcome == slm_outcome::done)
    require(answer.cause.empty() && answer.body.starts_with('{') && !rpc::check_json(answer.body, rpc::max_depth), "what is done is an object");
  else
    require(!answer.cause.empty(), "what is not done has a cause");
  require(answer.pause.count() >= 0, "no pause is negative");
  if (auto daemon = read_slm_health(body))
    require(slm_release_of(daemon->version) == daemon->release, "a daemon has the release that it tells");
  (void)read_slm_status(body);
  auto token = read_slm_token(body);
  auto is_hex = [](unsigned char c) { return std::string_view{"0123456789abcdefABCDEF"}.find(static_cast<char>(c)) != std::string_view::npos; };
  require(token.empty() || (token.size() >= 16 && token.size() <= 256 && std::ranges::all_of(token, is_hex)), "a key is of hex digits");
  require(read_slm_tool_events(body, most).size() <= most, "there are no more events than were asked for");
  recall(body);
  mesh(body);
  auto port = slm_port_of(body);
  require(port >= 0 && port <= 65535, "a port is one");
  if (auto url = slm_base_url(first_line))
    require(slm_base_url(*url) == url, "an address that is used stays as it is");
  return 0;
}
