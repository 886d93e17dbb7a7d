#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "messages/percent_text.hpp"

#include <ostream>

namespace hub::cli {

exit_code approve(const command_context& context, const std::string& server, const std::string& tool) {
  auto target = "/api/servers/" + percent_encode(server) + "/approve";
  if (!tool.empty())
    target += "?tool=" + percent_encode(tool);
  auto answer = context.hub().ask("POST", target);
  context.io.out << printable_line(text_field(answer, "message")) << '\n';
  return exit_code::ok;
}

} // namespace hub::cli
