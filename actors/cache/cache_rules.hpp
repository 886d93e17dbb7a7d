#pragma once

#include "messages/cache.hpp"
#include "messages/cache_settings.hpp"
#include "messages/catalogue.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hub {

/// What the cache may do with the requests of one server, worked out when its tools become
/// known and looked up by each call. It never changes.
class server_cache_rules {
public:
  /// @param fingerprint `server_config::fingerprint`.
  server_cache_rules(const server_cache& settings, const server_catalogue& catalogue, std::string_view fingerprint);

  /// The rule for a request; null if the cache has nothing to do with it.
  /// @param tool The name that the server knows, for `tools/call`.
  const cache_rule* find(std::string_view method, std::string_view tool) const;

  /// Whether there is anything that may be kept or shared.
  bool any() const noexcept {
    return reads_any_;
  }

private:
  struct name_hash {
    using is_transparent = void;

    size_t operator()(std::string_view x) const noexcept {
      return std::hash<std::string_view>{}(x);
    }
  };

  std::unordered_map<std::string, cache_rule, name_hash, std::equal_to<>> tools_;
  cache_rule resources_;
  cache_rule other_tools_;
  bool reads_any_ = false;
};

/// The rules for a server; null if there is nothing that may be kept or shared.
std::shared_ptr<const server_cache_rules> make_cache_rules(const server_cache& settings, const catalogue_ptr& catalogue,
                                                           std::string_view fingerprint);

/// The rule for one request; null if the cache has nothing to do with it.
/// @param params Those that go to the server.
cache_rule_ptr cache_rule_of(const std::shared_ptr<const server_cache_rules>& rules, std::string_view method,
                             std::string_view params);

} // namespace hub
