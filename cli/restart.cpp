#include "cli/background_hub.hpp"
#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/program_output.hpp"
#include "messages/percent_text.hpp"

#include <ostream>

namespace hub::cli {

namespace {

/// The hub answers when the server has ended and starts again, and by itself
/// after a minute at the latest.
constexpr auto restart_limit = std::chrono::seconds{70};

/// Calls in flight get 5 s, servers 15 more, and then the hub starts.
constexpr std::chrono::seconds restart_hub_limit{60};

exit_code restart_hub(const command_context& context) {
  auto hub = context.hub();
  auto health = hub.ask("GET", "/api/health");
  // The hub that runs is worth more than one that cannot start.
  auto words = daemon_command(context, {});
  words.emplace_back("--check");
  if (auto said = run_program(words); said.code != 0)
    throw command_error{(said.text.empty() ? words[0] + " could not be run" : said.text) + "\nThe hub goes on as it is."};
  auto pid = static_cast<pid_t>(integer_field(health, "pid"));
  hub.ask("POST", "/api/restart");
  if (await_hub(context, pid, text_field(health, "run"), restart_hub_limit).empty())
    throw command_error{"the hub (process " + std::to_string(pid) + ") ended and did not come back; see "
                        + (context.folder() / "logs/hub.log").string() + ", and start it with: slm-hub start"};
  context.io.out << "slm-hub (process " << pid << ") runs anew; sessions go on\n";
  return exit_code::ok;
}

} // namespace

exit_code restart(const command_context& context, const std::string& server) {
  if (server.empty())
    return restart_hub(context);
  auto answer = context.hub().ask("POST", "/api/servers/" + percent_encode(server) + "/restart", restart_limit);
  auto message = text_field(answer, "message");
  if (!flag_field(answer, "ok"))
    throw command_error{message.empty() ? server + " was not restarted; see slm-hub status" : message};
  context.io.out << (message.empty() ? server + " restarts" : printable_line(message)) << '\n';
  return exit_code::ok;
}

} // namespace hub::cli
