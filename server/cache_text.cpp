#include "server/cache_text.hpp"

#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

namespace hub {

std::string cache_text(const cache_figures_told& x) {
  std::string result = R"({"servers":[)";
  for (auto& y : x.servers) {
    if (!result.ends_with('['))
      result += ',';
    result += R"({"server":)" + rpc::quote(y.server);
    for (auto [key, value] : {std::pair{"entries", y.entries}, {"bytes", y.bytes}, {"hits", y.hits}, {"misses", y.misses},
                              {"shared", y.shared}, {"evicted", y.evicted}})
      result += ",\"" + std::string{key} + "\":" + std::to_string(value);
    result += '}';
  }
  return result + "]}";
}

std::string dropped_text(const results_dropped& x) {
  return R"({"entries":)" + std::to_string(x.entries) + R"(,"bytes":)" + std::to_string(x.bytes) + '}';
}

} // namespace hub
