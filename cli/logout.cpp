#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "messages/percent_text.hpp"

#include <chrono>
#include <ostream>

namespace hub::cli {

namespace {

/// The authorization server is asked to take the login back.
constexpr auto logout_limit = std::chrono::seconds{70};

} // namespace

exit_code logout(const command_context& context, const std::string& server) {
  auto answer = context.hub().ask("POST", "/api/servers/" + percent_encode(server) + "/logout", logout_limit);
  context.io.out << printable_line(text_field(answer, "message")) << ".\n";
  return exit_code::ok;
}

} // namespace hub::cli
