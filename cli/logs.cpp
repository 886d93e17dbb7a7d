#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/log_file.hpp"

#include <ostream>

namespace hub::cli {

exit_code logs(const command_context& context, const logs_options& options) {
  auto& io = context.io;
  auto path = text_field(context.hub().ask("GET", "/api/servers/" + percent_encoded(options.server)), "log");
  if (path.empty())
    throw command_error{"the hub keeps no log of " + options.server + "; only servers that it starts have one"};
  auto print = [&](std::string_view text) {
    io.out << (io.out_is_terminal ? printable_text(text) : std::string{text}) << std::flush;
  };
  log_file log{path};
  log.tail(options.lines, print);
  if (options.follow)
    log.follow(print, [&] { return static_cast<bool>(io.out); });
  return exit_code::ok;
}

} // namespace hub::cli
