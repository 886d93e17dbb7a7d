#include "actors/cache/cache_key.hpp"

#include "messages/rpc/canonical_json.hpp"
#include "messages/rpc/json_scan.hpp"

#include <string>

namespace hub {

namespace {

std::string_view bytes_of(const sha256_digest& x) noexcept {
  return {reinterpret_cast<const char*>(x.data()), x.size()};
}

} // namespace

std::optional<cache_key> make_cache_key(const cache_rule& rule, std::string_view params, std::string_view principal) {
  std::string_view what;
  std::string_view name;
  auto alone = true;
  auto is_object = rpc::for_each_member(params, [&](const rpc::json_member& x) {
    auto& place = x.key == "name" ? name : what;
    if (x.key == "name" || x.key == "arguments" || x.key == "uri") {
      alone = place.empty();
      place = x.value;
    } else {
      alone = x.key == "_meta";
    }
    return alone;
  });
  if (!is_object || !alone)
    return std::nullopt;
  // No arguments are the same as none in an object.
  auto canonical = what.empty() || what == "null" ? "{}" : rpc::canonical_json(what);
  if (!canonical)
    return std::nullopt;
  cache_key result;
  // Digests have one length, so that nothing in what follows can be taken for another.
  result.common = sha256_of(std::string{bytes_of(rule.subject)} + *canonical);
  result.own = sha256_of(std::string{bytes_of(result.common)} + std::string{principal});
  return result;
}

} // namespace hub
