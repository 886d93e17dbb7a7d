#include "cli/commands.hpp"
#include "cli/json_fields.hpp"

#include <ostream>

namespace hub::cli {

exit_code approve(const command_context& context, const std::string& server, const std::string& tool) {
  auto target = "/api/servers/" + percent_encoded(server) + "/approve";
  if (!tool.empty())
    target += "?tool=" + percent_encoded(tool);
  auto answer = context.hub().ask("POST", target);
  context.io.out << printable_line(text_field(answer, "message")) << '\n';
  return exit_code::ok;
}

} // namespace hub::cli
