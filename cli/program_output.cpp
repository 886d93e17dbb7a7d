#include "cli/program_output.hpp"

#include "service/daemon/argument_list.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace hub::cli {

namespace {

constexpr size_t most_bytes = 64 * 1024;

/// Reads to the end of the pipe; false if the limit comes first.
bool read_all(int from, std::chrono::milliseconds limit, std::string& text) {
  using clock = std::chrono::steady_clock;
  auto deadline = clock::now() + limit;
  std::array<char, 4096> chunk;
  for (;;) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now()).count();
    pollfd readable{from, POLLIN, 0};
    if (left <= 0 || poll(&readable, 1, static_cast<int>(left)) == 0)
      return false;
    auto size = read(from, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      return true;
    text.append(chunk.data(), std::min(static_cast<size_t>(size), most_bytes - text.size()));
  }
}

} // namespace

program_output run_program(const std::vector<std::string>& words, std::chrono::milliseconds limit) {
  program_output result;
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return result;
  argument_list arguments{words};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDERR_FILENO);
  pid_t child = 0;
  auto error = posix_spawnp(&child, arguments.program(), &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  close(ends[1]);
  if (error == 0) {
    auto in_time = read_all(ends[0], limit, result.text);
    if (!in_time)
      kill(child, SIGKILL);
    int state = 0;
    while (waitpid(child, &state, 0) < 0 && errno == EINTR)
      continue;
    if (in_time && WIFEXITED(state))
      result.code = WEXITSTATUS(state);
  }
  close(ends[0]);
  while (!result.text.empty() && result.text.back() == '\n')
    result.text.pop_back();
  return result;
}

} // namespace hub::cli
