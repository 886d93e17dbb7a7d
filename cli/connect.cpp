#include "cli/bridge.hpp"
#include "cli/commands.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <ostream>
#include <spawn.h>
#include <sys/un.h>
#include <unistd.h>

extern char** environ;

namespace hub::cli {

namespace {

/// Starts the hub in a session of its own, so that it outlives this process and its
/// terminal. What it prints goes to a file of the configuration folder.
void start_detached(const command_context& context, const std::filesystem::path& output) {
  auto words = daemon_command(context, {});
  std::vector<char*> arguments;
  for (auto& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGCHLD);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  pid_t child = 0;
  auto error = posix_spawn(&child, arguments[0], &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0)
    context.io.err << "slm-hub: cannot start " << words[0] << ": " << std::strerror(error) << '\n' << std::flush;
}

std::string target_of(const connect_options& options) {
  std::string result = "/mcp";
  if (!options.group.empty())
    result += "/g/" + percent_encoded(options.group);
  // In its place this word would be an event stream, and not a server.
  if (!options.server.empty())
    result += "/" + (options.server == "sse" ? "%73se" : percent_encoded(options.server));
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
  settings.start_hub = [&] {
    std::error_code ignored;
    if (std::filesystem::create_directories(folder, ignored))
      std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ignored);
    auto output = folder / "connect.log";
    context.io.err << "slm-hub: no hub runs; starting one (what it prints: " << output.string() << ")\n"
                   << std::flush;
    start_detached(context, output);
  };
  // A client that reads no more is noticed by its pipe.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGCHLD, SIG_IGN);
  bridge{std::move(settings), STDIN_FILENO, STDOUT_FILENO}.run();
  return exit_code::ok;
}

} // namespace hub::cli
