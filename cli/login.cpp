#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "messages/percent_text.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <chrono>
#include <ostream>

namespace hub::cli {

namespace {

/// The hub asks the server and its authorization server, each of which may be slow.
constexpr auto begin_limit = std::chrono::seconds{70};

/// The hub answers after 20 s that a login goes on.
constexpr auto await_limit = std::chrono::seconds{70};

std::string path_of(const std::string& server) {
  return "/api/servers/" + percent_encode(server) + "/login";
}

bool has_display(const variable_map& environment) {
  for (auto* name : {"DISPLAY", "WAYLAND_DISPLAY"})
    if (auto i = environment.find(name); i != environment.end() && !i->second.empty())
      return true;
  return false;
}

/// Opens the user's browser. Returns false if there is no program for that.
bool open_browser(const std::string& address, const variable_map& environment) {
  if (!has_display(environment) || (!address.starts_with("https://") && !address.starts_with("http://")))
    return false;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // What it says is not for the user of this command.
  for (auto fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  std::string program = "xdg-open";
  auto argument = address;
  char* arguments[] = {program.data(), argument.data(), nullptr};
  pid_t child = 0;
  auto failed = ::posix_spawnp(&child, "xdg-open", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0;
}

[[noreturn]] void fail_with(std::string_view answer) {
  auto message = text_field(answer, "message");
  auto fix = text_field(answer, "fix");
  throw command_error{printable_text(message.empty() ? "the login failed" : message)
                      + (fix.empty() ? "" : ". " + printable_text(fix))};
}

} // namespace

exit_code login(const command_context& context, const login_options& options) {
  auto& io = context.io;
  auto hub = context.hub();
  auto begun = hub.ask("POST", path_of(options.server), begin_limit);
  auto address = text_field(begun, "address");
  auto number = integer_field(begun, "login");
  auto opened = options.browser && open_browser(address, context.environment);
  io.out << (opened ? "Your browser opens. If it does not, open this address on this machine:"
                    : "Open this address in a browser on this machine:")
         << "\n\n  " << printable_line(address) << "\n\n"
         << std::flush;
  auto deadline = std::chrono::steady_clock::now() + options.time_limit;
  auto question = path_of(options.server) + "?login=" + std::to_string(number);
  while (std::chrono::steady_clock::now() < deadline) {
    auto answer = hub.ask("GET", question, await_limit);
    auto state = text_field(answer, "state");
    if (state == "done") {
      io.out << printable_line(text_field(answer, "message")) << ".\n";
      return exit_code::ok;
    }
    if (state != "waiting")
      fail_with(answer);
  }
  throw command_error{"nobody has logged in by now; the hub still waits for a while. Open the address, or begin again with: "
                      "slm-hub login " + options.server};
}

} // namespace hub::cli
