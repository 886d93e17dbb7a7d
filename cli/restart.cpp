#include "cli/commands.hpp"
#include "cli/json_fields.hpp"

#include <ostream>

namespace hub::cli {

namespace {

/// The hub answers when the server has ended and starts again, and by itself
/// after a minute at the latest.
constexpr auto restart_limit = std::chrono::seconds{70};

} // namespace

exit_code restart(const command_context& context, const std::string& server) {
  auto answer = context.hub().ask("POST", "/api/servers/" + percent_encoded(server) + "/restart", restart_limit);
  auto message = text_field(answer, "message");
  if (!flag_field(answer, "ok"))
    throw command_error{message.empty() ? server + " was not restarted; see slm-hub status" : message};
  context.io.out << (message.empty() ? server + " restarts" : printable_line(message)) << '\n';
  return exit_code::ok;
}

} // namespace hub::cli
