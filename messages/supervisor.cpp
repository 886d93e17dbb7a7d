#include "messages/supervisor.hpp"

namespace hub {

std::string_view to_string(server_state state) noexcept {
  switch (state) {
    case server_state::disabled: return "disabled";
    case server_state::known: return "known";
    case server_state::queued: return "queued";
    case server_state::starting: return "starting";
    case server_state::ready: return "ready";
    case server_state::stopping: return "stopping";
    case server_state::backing_off: return "backing off";
    case server_state::failed: return "failed";
  }
  return "unknown";
}

} // namespace hub
