#include "actors/supervisor/memory_meter.hpp"

#include <utility>

namespace hub {

memory_meter_actor::behavior_type memory_meter(std::function<int64_t(int64_t pid)> measure) {
  return {
    [measure](const measure_memory& x) { return memory_measured{x.run, measure(x.pid)}; },
    [measure](hub_status& x) {
      for (auto& server : x.servers)
        if (server.pid > 0)
          server.resident_bytes = measure(server.pid);
      return std::move(x);
    },
  };
}

} // namespace hub
