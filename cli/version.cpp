#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "messages/rpc/json_scan.hpp"

#include <ostream>

namespace hub::cli {

exit_code version(const command_context& context, bool json) {
  auto& out = context.io.out;
  std::string running;
  try {
    running = context.hub().ask("GET", "/api/health");
  } catch (const command_error&) {
    // The version of this program can be told without a hub.
  }
  auto hub_version = text_field(running, "version");
  if (json) {
    std::string object = "{";
    append_member(object, "version", rpc::quote(HUB_VERSION));
    append_member(object, "running", hub_version.empty() ? "null" : rpc::quote(hub_version));
    out << object << "}\n";
    return exit_code::ok;
  }
  out << "slm-hub " HUB_VERSION "\n";
  if (!hub_version.empty() && hub_version != HUB_VERSION)
    out << "The hub that runs is still " << printable_line(hub_version) << "; stop and start it to use this version.\n";
  return exit_code::ok;
}

} // namespace hub::cli
