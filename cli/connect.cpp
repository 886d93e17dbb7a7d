#include "cli/background_hub.hpp"
#include "cli/bridge.hpp"
#include "cli/commands.hpp"
#include "cli/watched_process.hpp"
#include "messages/percent_text.hpp"
#include "service/daemon/start_words.hpp"

#include <csignal>
#include <filesystem>
#include <optional>
#include <ostream>
#include <sys/un.h>
#include <unistd.h>

namespace hub::cli {

namespace {

std::string target_of(const connect_options& options) {
  std::string result = "/mcp";
  if (!options.group.empty())
    result += "/g/" + percent_encode(options.group);
  // In its place this word would be an event stream, and not a server.
  if (!options.server.empty())
    result += "/" + (options.server == "sse" ? "%73se" : percent_encode(options.server));
  return result;
}

} // namespace

exit_code connect(const command_context& context, const connect_options& options) {
  auto folder = context.folder();
  bridge_settings settings;
  settings.socket = context.hub().socket();
  if (settings.socket.native().size() >= sizeof(sockaddr_un::sun_path))
    throw command_error{"the path of the hub's socket is too long: " + settings.socket.string()
                        + "; choose a shorter folder with --config-dir or SLM_HUB_CONFIG_DIR"};
  settings.target = target_of(options);
  std::error_code nowhere;
  settings.project = std::filesystem::current_path(nowhere).string();
  settings.complain = [&context](const std::string& text) {
    context.io.err << "slm-hub: " << text << '\n' << std::flush;
  };
  auto output = folder / "connect.log";
  std::optional<watched_process> started;
  std::string not_started;
  settings.start_hub = [&] {
    make_folder(folder);
    not_started.clear();
    started.reset();
    context.io.err << "slm-hub: no hub runs; starting one (what it prints: " << output.string() << ")\n"
                   << std::flush;
    try {
      start_options options;
      options.detached = true;
      started.emplace(start_in_background(daemon_command(context, options), output));
    } catch (const command_error& error) {
      not_started = error.what();
    }
  };
  settings.start_failure = [&] {
    if (!started || !started->ends_within(std::chrono::milliseconds{0}))
      return not_started;
    auto said = said_in(output);
    // Where somebody else was faster, that hub is waited for.
    auto is_told = said.find(cannot_start) != std::string::npos && said.find(folder_taken) == std::string::npos;
    return is_told ? said : std::string{};
  };
  // A client that reads no more is noticed by its pipe.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGCHLD, SIG_IGN);
  bridge{std::move(settings), STDIN_FILENO, STDOUT_FILENO}.run();
  return exit_code::ok;
}

} // namespace hub::cli
