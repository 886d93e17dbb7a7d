#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/log_file.hpp"
#include "messages/percent_text.hpp"
#include "service/config/log_paths.hpp"

#include <filesystem>
#include <ostream>

namespace hub::cli {

exit_code logs(const command_context& context, const logs_options& options) {
  auto& io = context.io;
  std::filesystem::path path;
  try {
    path = text_field(context.hub().ask("GET", "/api/servers/" + percent_encode(options.server)), "log");
    if (path.empty())
      throw command_error{"the hub keeps no log of " + options.server + "; only servers that it starts have one"};
  } catch (const hub_away&) {
    path = server_log(context.folder(), options.server);
    if (std::error_code ignored; !std::filesystem::exists(path, ignored))
      throw;
    io.err << "slm-hub is not running; this is what is in " << path.string() << '\n';
  }
  print_log(io, path, options.lines, options.follow);
  return exit_code::ok;
}

} // namespace hub::cli
