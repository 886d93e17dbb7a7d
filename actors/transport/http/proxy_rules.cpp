#include "actors/transport/http/proxy_rules.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace hub {

namespace {

namespace ip = boost::asio::ip;

std::string_view trimmed_entry(std::string_view text) {
  auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_loopback_address(const http_url& url) {
  boost::system::error_code failure;
  auto address = ip::make_address(url.host, failure);
  return url.host == "localhost" || url.host.ends_with(".localhost") || (!failure && address.is_loopback());
}

/// Whether `host` is in the network `entry`, such as `10.0.0.0/8`.
bool in_network(const std::string& host, std::string_view entry) {
  boost::system::error_code failure;
  auto address = ip::make_address(host, failure);
  if (failure)
    return false;
  if (address.is_v4()) {
    auto net = ip::make_network_v4(entry, failure);
    return !failure && ip::make_network_v4(address.to_v4(), net.prefix_length()).canonical() == net.canonical();
  }
  auto net = ip::make_network_v6(entry, failure);
  return !failure && ip::make_network_v6(address.to_v6(), net.prefix_length()).canonical() == net.canonical();
}

bool is_excepted(std::string_view entry, const http_url& url) {
  if (entry == "*")
    return true;
  if (entry.find('/') != std::string_view::npos)
    return in_network(url.host, entry);
  // With a port it counts for that port only; an IPv6 address has many colons.
  if (auto colon = entry.rfind(':'); colon != std::string_view::npos && entry.find(':') == colon) {
    if (entry.substr(colon + 1) != std::to_string(url.port))
      return false;
    entry = entry.substr(0, colon);
  }
  if (entry.starts_with("*."))
    entry.remove_prefix(1);
  std::string name{entry};
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name.starts_with('.'))
    name.erase(0, 1);
  if (name.empty())
    return false;
  return url.host == name || url.host.ends_with("." + name);
}

bool any_exception(std::string_view list, const http_url& url) {
  while (!list.empty()) {
    auto comma = std::min(list.find(','), list.size());
    if (is_excepted(trimmed_entry(list.substr(0, comma)), url))
      return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

} // namespace

std::variant<std::optional<http_url>, bad_proxy> choose_proxy(const proxy_rules& rules, const http_url& url) {
  if (rules.always == "none")
    return std::nullopt;
  auto text = rules.always;
  auto source = std::string{"\"proxy\" of this server"};
  if (text.empty()) {
    if (is_loopback_address(url) || any_exception(rules.except, url))
      return std::nullopt;
    text = url.secure ? rules.https : rules.http;
    source = url.secure ? "HTTPS_PROXY" : "HTTP_PROXY";
  }
  if (text.empty())
    return std::nullopt;
  if (text.find("://") == std::string::npos)
    text.insert(0, "http://");
  auto proxy = parse_http_url(text);
  if (!proxy || proxy->secure)
    return bad_proxy{"the proxy in " + source + " is no http:// address", "Write it like http://proxy.example:3128."};
  return proxy;
}

} // namespace hub
