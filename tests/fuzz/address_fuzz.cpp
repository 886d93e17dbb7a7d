// Addresses of servers and where they redirect to, bodies of their answers that are no streams, and what of it a terminal is shown.
#include "actors/transport/http/http_url.hpp"
#include "actors/transport/message_head.hpp"
#include "messages/printable_line.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace hub;
using hub::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text{reinterpret_cast<const char*>(data), size};
  static const auto base = *parse_http_url("https://user:word@example.org:8443/a/b?c");
  for (auto& found : {parse_http_url(text), resolve_http_url(base, text)}) {
    if (!found)
      continue;
    require(!found->host.empty() && found->port != 0, "an address leads somewhere");
    require(found->target.starts_with('/'), "a target starts with a slash");
    for (auto& part : {found->target, found->authority()})
      require(std::none_of(part.begin(), part.end(), [](unsigned char c) { return c <= 0x20 || c == 0x7F; }),
              "nothing of an address ends a line of the request");
    auto again = parse_http_url(found->text());
    require(again && same_origin(*again, *found), "an address that was written has the same origin");
  }
  for (auto& message : split_messages(text))
    require(message.view().find('\n') == std::string_view::npos, "a message is one line");
  (void)error_for(text, 7);
  (void)answers_request(text, 7);
  if (is_session_id(text))
    require(text.find_first_of("\r\n ") == std::string::npos, "a session id is one word");
  auto line = printable_line(excerpt_of(text));
  require(std::none_of(line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }), "a line that is shown steers nothing");
  line = printable_line(text);
  require(printable_line(line) == line, "what may be shown stays as it is");
  return 0;
}
