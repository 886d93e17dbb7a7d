#include "actors/transport/http/http_url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
// Debian's library would be one more package for one file.
#include <boost/url/src.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace hub {

namespace urls = boost::urls;

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Whether a host is a name that can be looked up, or an address. What was percent-encoded is decoded here, so that a slash, a
/// colon or an at sign could stand in it and make another address of it where it is written out.
bool is_host(const std::string& host, urls::host_type type) {
  auto is_allowed = [type](unsigned char c) {
    return (c < 0x80 && std::isalnum(c)) || c == '-' || c == '.' || c == '_' || (c == ':' && type == urls::host_type::ipv6);
  };
  return !host.empty() && std::all_of(host.begin(), host.end(), is_allowed);
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

uint16_t usual_port(bool secure) noexcept {
  return secure ? 443 : 80;
}

std::optional<http_url> parts_of(const urls::url_view_base& x) {
  http_url result;
  if (x.scheme_id() == urls::scheme::https)
    result.secure = true;
  else if (x.scheme_id() != urls::scheme::http)
    return std::nullopt;
  result.host = lower(std::string{x.host_address()});
  if (!is_host(result.host, x.host_type()))
    return std::nullopt;
  result.port = usual_port(result.secure);
  if (std::string digits{x.port()}; !digits.empty()) {
    // Boost takes the number modulo 65536.
    auto number = digits.size() <= 5 ? std::stoul(digits) : 0;
    if (number == 0 || number > 65535)
      return std::nullopt;
    result.port = static_cast<uint16_t>(number);
  }
  result.target = std::string{x.encoded_path()};
  if (!result.target.starts_with('/'))
    result.target.insert(0, "/");
  if (x.has_query())
    result.target += "?" + std::string{x.encoded_query()};
  if (x.has_userinfo())
    result.user_info = std::string{x.user()} + ":" + std::string{x.password()};
  return result;
}

} // namespace

std::string http_url::authority() const {
  std::string result;
  append_authority(result);
  return result;
}

void http_url::append_authority(std::string& text) const {
  auto has_colon = host.find(':') != std::string::npos;
  text.append(has_colon ? "[" : "").append(host).append(has_colon ? "]" : "");
  if (port == usual_port(secure))
    return;
  std::array<char, 8> digits;
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), port).ptr;
  text.append(1, ':').append(digits.data(), end);
}

std::string http_url::authority_with_port() const {
  return bracketed(host) + ":" + std::to_string(port);
}

std::string http_url::origin() const {
  return (secure ? "https://" : "http://") + authority();
}

std::string http_url::text() const {
  return origin() + target;
}

std::optional<http_url> parse_http_url(std::string_view text) {
  auto parsed = urls::parse_uri({text.data(), text.size()});
  if (!parsed)
    return std::nullopt;
  return parts_of(*parsed);
}

std::optional<http_url> resolve_http_url(const http_url& base, std::string_view reference) {
  auto from = base.text();
  auto root = urls::parse_uri(from);
  auto relative = urls::parse_uri_reference({reference.data(), reference.size()});
  if (!root || !relative)
    return std::nullopt;
  urls::url whole{*root};
  if (!whole.resolve(*relative))
    return std::nullopt;
  return parts_of(whole);
}

bool same_origin(const http_url& a, const http_url& b) noexcept {
  return a.secure == b.secure && a.port == b.port && a.host == b.host;
}

} // namespace hub
