#include "cli/background_hub.hpp"
#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "service/daemon/argument_list.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ostream>
#include <unistd.h>

namespace hub::cli {

std::vector<std::string> daemon_command(const command_context& context, const start_options& options) {
  auto self = std::filesystem::read_symlink("/proc/self/exe");
  std::vector<std::string> result = {(self.parent_path() / "slm-hubd").string(), "--config-dir", context.folder().string()};
  if (!options.host.empty())
    result.insert(result.end(), {"--host", options.host});
  if (options.port)
    result.insert(result.end(), {"--port", std::to_string(*options.port)});
  if (!options.log_level.empty())
    result.insert(result.end(), {"--log-level", options.log_level});
  if (!options.log_format.empty())
    result.insert(result.end(), {"--log-format", options.log_format});
  if (options.detached)
    result.emplace_back("--detached");
  return result;
}

namespace {

/// The hub makes itself ready in milliseconds; a minute is for a machine that is busy.
constexpr std::chrono::seconds start_limit{60};

exit_code start_detached(const command_context& context, const start_options& options) {
  auto folder = context.folder();
  make_folder(folder);
  // That of a hub that runs already, if the start is refused for this reason, stays.
  auto output = folder / ("start-" + std::to_string(::getpid()) + ".log");
  auto pid = start_in_background(daemon_command(context, options), output);
  auto health = await_hub(context, pid, "", start_limit);
  auto said = said_in(output);
  std::error_code ignored;
  if (health.empty()) {
    std::filesystem::remove(output, ignored);
    throw command_error{said.empty() ? "the hub ended as it started, and said nothing; see "
                                         + (folder / "logs/hub.log").string()
                                     : said};
  }
  std::filesystem::rename(output, folder / "start.log", ignored);
  auto hub = context.hub().ask("GET", "/api/status");
  context.io.out << "slm-hub (process " << pid << ") runs at " << printable_line(text_field(hub, "endpoint"))
                 << "\nIts log: " << (folder / "logs/hub.log").string()
                 << "\nSee how it is: slm-hub status    End it: slm-hub stop\n";
  return exit_code::ok;
}

} // namespace

exit_code start(const command_context& context, const start_options& options) {
  if (options.detached)
    return start_detached(context, options);
  auto words = daemon_command(context, options);
  argument_list arguments{words};
  execv(arguments.program(), arguments.data());
  throw command_error{"cannot start " + words[0] + ": " + std::strerror(errno)
                      + "; build it with scripts/run, or install both programs into one folder"};
}

} // namespace hub::cli
