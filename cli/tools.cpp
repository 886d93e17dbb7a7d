#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/table.hpp"

#include <ostream>

namespace hub::cli {

exit_code tools(const command_context& context, const list_options& options) {
  auto& io = context.io;
  auto answer = context.hub().ask("GET", path_about("/api/tools", options.server));
  if (options.json) {
    io.out << answer << '\n';
    return exit_code::ok;
  }
  table rows{{{"TOOL"}, {"DESCRIPTION"}}};
  for (auto tool : list_field(answer, "tools")) {
    auto description = text_field(tool, "description");
    rows.add({text_field(tool, "name"), description.empty() ? text_field(tool, "title") : description});
  }
  if (rows.empty())
    io.out << "No tools are known" << (options.server.empty() ? "" : " of " + options.server)
           << ". See why with: slm-hub status\n";
  else
    rows.print(io);
  return exit_code::ok;
}

} // namespace hub::cli
