#include "cli/background_hub.hpp"

#include "cli/exit_code.hpp"
#include "cli/json_fields.hpp"
#include "cli/watched_process.hpp"
#include "service/daemon/argument_list.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <unistd.h>

extern char** environ;

namespace hub::cli {

namespace {

/// How often a hub that starts is asked whether it is there.
constexpr std::chrono::milliseconds between_questions{50};

} // namespace

std::string said_in(const std::filesystem::path& output) {
  constexpr size_t shown_bytes = 4096;
  std::ifstream in{output};
  std::string result(shown_bytes, '\0');
  in.read(result.data(), static_cast<std::streamsize>(result.size()));
  result.resize(static_cast<size_t>(in.gcount()));
  while (!result.empty() && result.back() == '\n')
    result.pop_back();
  return result;
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (std::filesystem::create_directories(folder, ignored))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ignored);
}

pid_t start_in_background(const std::vector<std::string>& words, const std::filesystem::path& output) {
  argument_list arguments{words};
  auto file = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0)
    throw command_error{"cannot write " + output.string() + ": " + std::strerror(errno)
                        + "; see that you may write in its folder, or choose another with --config-dir or SLM_HUB_CONFIG_DIR"};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, file, STDOUT_FILENO);
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
  auto error = posix_spawn(&child, arguments.program(), &files, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  close(file);
  if (error != 0)
    throw command_error{"cannot start " + words[0] + ": " + std::strerror(error)
                        + "; install slm-hub and slm-hubd into one folder"};
  return child;
}

std::string await_hub(const command_context& context, pid_t pid, const std::string& not_run,
                      std::chrono::seconds limit) {
  using clock = std::chrono::steady_clock;
  watched_process process{pid};
  auto deadline = clock::now() + limit;
  for (;;) {
    if (process.ends_within(between_questions))
      return {};
    try {
      auto health = context.hub().ask("GET", "/api/health");
      if (integer_field(health, "pid") == pid && (not_run.empty() || text_field(health, "run") != not_run))
        return health;
    } catch (const command_error&) {
      // Not yet.
    }
    if (clock::now() >= deadline)
      throw command_error{"the hub (process " + std::to_string(pid) + ") does not answer after "
                          + std::to_string(limit.count()) + " s; see " + (context.folder() / "logs/hub.log").string()
                          + ", and slm-hub status"};
  }
}

} // namespace hub::cli
