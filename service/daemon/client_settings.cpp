#include "service/daemon/client_settings.hpp"

#include <initializer_list>
#include <string>

namespace hub {

namespace {

/// The first of these variables that is set.
std::string first_of(const variable_map& environment, std::initializer_list<const char*> names) {
  for (auto name : names)
    if (auto i = environment.find(name); i != environment.end() && !i->second.empty())
      return i->second;
  return {};
}

} // namespace

http_client_settings client_settings_of(const endpoint_spec& endpoint, const variable_map& environment) {
  http_client_settings result;
  result.tls = {endpoint.tls.ca, endpoint.tls.cert, endpoint.tls.key, endpoint.tls.verify};
  result.proxy = {endpoint.proxy, first_of(environment, {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}),
                  first_of(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}),
                  first_of(environment, {"no_proxy", "NO_PROXY"})};
  return result;
}

} // namespace hub
