#include "cli/commands.hpp"
#include "cli/configuration_change.hpp"

#include <ostream>

namespace hub::cli {

exit_code reload(const command_context& context, bool json) {
  auto answer = reload_if_running(context);
  if (!answer)
    throw command_error{"no hub runs for " + context.config_file().parent_path().string()
                        + ". Start it with: slm-hub start"};
  if (json)
    context.io.out << *answer << '\n';
  else
    print_reload(context.io, *answer);
  return exit_code::ok;
}

} // namespace hub::cli
