#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/service_manager.hpp"
#include "cli/watched_process.hpp"

#include <ostream>

namespace hub::cli {

namespace {

/// Longer than the hub takes at most: 5 s for calls in flight and some more for
/// its servers to end.
constexpr std::chrono::seconds stop_limit{15};

} // namespace

exit_code stop(const command_context& context) {
  auto hub = context.hub();
  auto pid = static_cast<pid_t>(integer_field(hub.ask("GET", "/api/health"), "pid"));
  if (pid <= 0)
    throw command_error{"the hub does not say which process it is; end it with kill"};
  watched_process process{pid};
  // Its service manager would start a hub again that ends by itself.
  if (!stop_service(context.environment, pid))
    hub.ask("POST", "/api/stop");
  if (!process.ends_within(stop_limit))
    throw command_error{"the hub (process " + std::to_string(pid) + ") is still stopping after 15 s; look at it with "
                        "slm-hub status, or end it with: kill -9 " + std::to_string(pid)};
  context.io.out << "slm-hub (process " << pid << ") has stopped\n";
  return exit_code::ok;
}

} // namespace hub::cli
