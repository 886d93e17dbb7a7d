#include "actors/auth/web_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace hub {

namespace {

std::string lower(std::string_view text) {
  std::string result{text};
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

/// The bytes of an IPv4 address, also of one inside IPv6.
std::optional<uint32_t> ipv4_of(std::string_view host) {
  std::string text{host};
  in_addr four = {};
  if (::inet_pton(AF_INET, text.c_str(), &four) == 1)
    return ntohl(four.s_addr);
  return std::nullopt;
}

std::optional<in6_addr> ipv6_of(std::string_view host) {
  if (host.size() < 2 || host.front() != '[' || host.back() != ']')
    return std::nullopt;
  std::string text{host.substr(1, host.size() - 2)};
  in6_addr six = {};
  return ::inet_pton(AF_INET6, text.c_str(), &six) == 1 ? std::optional{six} : std::nullopt;
}

std::optional<uint32_t> embedded_ipv4(const in6_addr& six) {
  if (!IN6_IS_ADDR_V4MAPPED(&six))
    return std::nullopt;
  uint32_t four = 0;
  std::memcpy(&four, six.s6_addr + 12, 4);
  return ntohl(four);
}

bool is_private_v4(uint32_t x) noexcept {
  auto in = [x](uint32_t net, int bits) { return x >> (32 - bits) == net >> (32 - bits); };
  return in(0x00000000, 8) || in(0x0A000000, 8) || in(0x64400000, 10) || in(0xA9FE0000, 16) || in(0xAC100000, 12)
         || in(0xC0A80000, 16) || in(0xE0000000, 3);
}

/// A host that looks like a number in a form that resolvers take and we do not,
/// such as `0x7f000001`, `2130706433` or `127.1`.
bool is_odd_number(std::string_view host) {
  auto dot = host.rfind('.');
  auto last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  return !last.empty() && last.front() >= '0' && last.front() <= '9' && !ipv4_of(host);
}

} // namespace

std::string web_address::origin() const {
  return scheme + "://" + host + (port.empty() ? "" : ":" + port);
}

std::string web_address::text() const {
  return origin() + path + (query.empty() ? "" : "?" + query);
}

std::optional<web_address> read_address(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= 0x20 || c >= 0x7F || c == '\\'; }))
    return std::nullopt;
  web_address result;
  auto colon = text.find("://");
  if (colon == std::string_view::npos)
    return std::nullopt;
  result.scheme = lower(text.substr(0, colon));
  if (result.scheme != "http" && result.scheme != "https")
    return std::nullopt;
  text.remove_prefix(colon + 3);
  text = text.substr(0, text.find('#'));
  auto end = std::min(text.find_first_of("/?"), text.size());
  auto authority = text.substr(0, end);
  text.remove_prefix(end);
  if (authority.find('@') != std::string_view::npos)
    return std::nullopt;
  auto port = authority.rfind(':');
  auto bracket = authority.rfind(']');
  if (port != std::string_view::npos && (bracket == std::string_view::npos || port > bracket)) {
    auto digits = authority.substr(port + 1);
    if (digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string_view::npos)
      return std::nullopt;
    if (digits != (result.scheme == "https" ? "443" : "80"))
      result.port = digits;
    authority = authority.substr(0, port);
  }
  result.host = lower(authority);
  auto is_name = !result.host.empty() && result.host.find_first_of(":[]") == std::string::npos;
  if (!is_name && !ipv6_of(result.host))
    return std::nullopt;
  auto question = std::min(text.find('?'), text.size());
  result.path = text.substr(0, question);
  result.query = text.substr(std::min(question + 1, text.size()));
  return result;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost"))
    return true;
  if (auto four = ipv4_of(host))
    return *four >> 24 == 127;
  auto six = ipv6_of(host);
  if (!six)
    return false;
  auto four = embedded_ipv4(*six);
  return IN6_IS_ADDR_LOOPBACK(&*six) || (four && *four >> 24 == 127);
}

bool is_private(std::string_view host) {
  if (auto four = ipv4_of(host))
    return is_private_v4(*four);
  auto six = ipv6_of(host);
  if (!six)
    return is_odd_number(host);
  if (auto four = embedded_ipv4(*six))
    return is_private_v4(*four);
  auto first = six->s6_addr[0];
  return IN6_IS_ADDR_UNSPECIFIED(&*six) || (first & 0xFE) == 0xFC || first == 0xFF
         || (first == 0xFE && (six->s6_addr[1] & 0xC0) == 0x80);
}

std::optional<std::string> why_forbidden(const web_address& server, std::string_view discovered) {
  auto x = read_address(discovered);
  if (!x)
    return "is no http:// or https:// address";
  if (x->origin() == server.origin())
    return std::nullopt;
  auto server_is_here = is_loopback(server.host);
  if (is_loopback(x->host) && !server_is_here)
    return "leads to this machine, where the server is not";
  if (is_private(x->host) && !server_is_here && !is_private(server.host))
    return "leads into a private network";
  if (x->scheme != "https" && !is_loopback(x->host))
    return "is not https";
  return std::nullopt;
}

bool is_inside(std::string_view host) {
  if (is_loopback(host) || is_private(host) || host.find_first_of(".[") == std::string_view::npos)
    return true;
  for (std::string_view zone : {".local", ".internal", ".lan", ".home.arpa"})
    if (host.ends_with(zone))
      return true;
  return false;
}

} // namespace hub
