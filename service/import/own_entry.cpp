#include "service/import/own_entry.hpp"

#include "service/config/hub_config.hpp"
#include "service/config/server_entry.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace hub {

bool is_hub_url(std::string_view url, uint16_t port) {
  if (!is_http_url(url))
    return false;
  auto is_tls = url.substr(0, 5) == "https" || url.substr(0, 5) == "HTTPS";
  url.remove_prefix(url.find("://") + 3);
  auto slash = std::min(url.find_first_of("/?#"), url.size());
  auto authority = url.substr(0, slash);
  auto path = url.substr(slash);
  path = path.substr(0, path.find_first_of("?#"));
  if (auto at = authority.rfind('@'); at != std::string_view::npos)
    authority.remove_prefix(at + 1);
  // The last colon is in front of the port, unless it is in an IPv6 address.
  unsigned found = is_tls ? 443 : 80;
  if (auto colon = authority.rfind(':');
      colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    auto text = authority.substr(colon + 1);
    if (std::from_chars(text.data(), text.data() + text.size(), found).ptr
        != text.data() + text.size())
      return false;
    authority = authority.substr(0, colon);
  }
  return found == port && (is_loopback_host(authority) || authority == "0.0.0.0")
         && (path == "/mcp" || path.starts_with("/mcp/") || path == "/sse");
}

bool points_at_hub(const server_config& server, uint16_t port) {
  if (server.transport != transport_kind::stdio)
    return is_hub_url(server.url, port);
  auto is_our_program = std::filesystem::path{server.command}.filename() == "slm-hub";
  return std::any_of(server.args.begin(), server.args.end(), [&](const std::string& arg) {
    // A bridge such as `npx mcp-remote URL`.
    return is_hub_url(arg, port) || (is_our_program && (arg == "connect" || arg == "mcp"));
  });
}

} // namespace hub
