#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/server_row.hpp"
#include "cli/table.hpp"

#include <ostream>

namespace hub::cli {

exit_code servers(const command_context& context, const list_options& options) {
  auto& io = context.io;
  auto answer = context.hub().ask("GET", "/api/servers");
  if (options.json) {
    io.out << answer << '\n';
    return exit_code::ok;
  }
  using align = table::align;
  table rows{{{"SERVER"}, {"STATE"}, {"TRANSPORT"}, {"TOOLS", align::right}, {"RESOURCES", align::right},
              {"PROMPTS", align::right}, {"LAST ERROR"}}};
  for (auto server : list_field(answer, "servers")) {
    auto state = state_text(server);
    auto count = [&](const char* key) { return count_text(server, key); };
    rows.add({run_text(server), {state, style_of_state(state)}, text_field(server, "transport"), count("tools"),
              count("resources"), count("prompts"), text_field(server, "last_error")});
  }
  if (rows.empty())
    io.out << "No servers are configured. Take those of your AI clients with: slm-hub setup import\n";
  else
    rows.print(io);
  print_reviews(io, answer);
  return exit_code::ok;
}

} // namespace hub::cli
