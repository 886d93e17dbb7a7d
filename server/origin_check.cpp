#include "server/origin_check.hpp"

#include "server/http_request.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace hub {

namespace {

/// A host without its port and without the brackets of an IPv6 address; empty if
/// the text is not a host with an optional port.
std::string_view host_name(std::string_view authority) {
  std::string_view name;
  std::string_view rest;
  if (authority.starts_with('[')) {
    auto end = authority.find(']');
    if (end == std::string_view::npos)
      return {};
    name = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
  } else {
    auto end = authority.find(':');
    name = authority.substr(0, end);
    rest = end == std::string_view::npos ? "" : authority.substr(end);
  }
  auto port_is_good = rest.empty()
                      || (rest.front() == ':' && rest.size() <= 6
                          && std::all_of(rest.begin() + 1, rest.end(), [](char c) { return c >= '0' && c <= '9'; }));
  return port_is_good ? name : std::string_view{};
}

bool is_loopback(std::string_view name) {
  return same_but_case(name, "localhost") || name == "127.0.0.1" || name == "::1";
}

bool is_address(std::string_view name) {
  boost::system::error_code failure;
  boost::asio::ip::make_address(name, failure);
  return !failure;
}

/// Whether `bound` stands for all addresses of the machine.
bool is_wildcard(std::string_view bound) {
  return bound == "0.0.0.0" || bound == "::";
}

bool is_good_host(const origin_rules& rules, std::string_view host) {
  auto name = host_name(host);
  if (name.empty())
    return false;
  if (is_loopback(name) || same_but_case(name, host_name(rules.bound_host))
      || same_but_case(name, rules.bound_host))
    return true;
  // Rebinding needs a name: an address in Host is what the user typed.
  return is_wildcard(rules.bound_host) && is_address(name);
}

bool is_good_origin(const origin_rules& rules, std::string_view origin) {
  for (std::string_view scheme : {"http://", "https://"})
    if (same_but_case(origin.substr(0, scheme.size()), scheme)
        && is_loopback(host_name(origin.substr(scheme.size()))))
      return true;
  return std::any_of(rules.cors_origins.begin(), rules.cors_origins.end(),
                     [origin](const std::string& x) { return same_but_case(x, origin); });
}

} // namespace

origin_verdict check_origin(const origin_rules& rules, std::string_view host,
                            std::string_view origin) {
  if (!is_good_host(rules, host))
    return origin_verdict::bad_host;
  if (!origin.empty() && !is_good_origin(rules, origin))
    return origin_verdict::bad_origin;
  return origin_verdict::allowed;
}

} // namespace hub
