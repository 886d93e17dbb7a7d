#include "actors/secret/program_output.hpp"

#include "actors/transport/descriptor.hpp"
#include "actors/transport/offspring.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace hub {

namespace {

using clock = std::chrono::steady_clock;

constexpr size_t complaint_bytes = 1024;

/// How often it is looked whether the hub ends, in milliseconds.
constexpr long look_interval = 100;

/// The two ends of a pipe; the writer is the program's.
struct output_pipe {
  descriptor reader;
  descriptor writer;

  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      return false;
    reader.reset(ends[0]);
    writer.reset(ends[1]);
    return true;
  }

  /// Reads what is there, at most one byte more than `limit`; closes at the end.
  void read(std::string& to, size_t limit) {
    char buffer[4096];
    auto count = ::read(reader.get(), buffer, sizeof buffer);
    if (count > 0)
      to.append(buffer, std::min(static_cast<size_t>(count), limit + 1 - std::min(limit + 1, to.size())));
    else if (count == 0 || (errno != EINTR && errno != EAGAIN))
      reader.reset();
  }
};

/// Starts it; returns its pid, or 0 with `errno` set.
pid_t spawn(const std::vector<std::string>& words, const output_pipe& out, const output_pipe& err) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.writer.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.writer.get(), STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> argv;
  for (auto& word : words)
    argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t pid = 0;
  auto birth = offspring::of_this_process().begin();
  auto code = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  if (code == 0)
    birth.add(pid, {});
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  errno = code;
  return code == 0 ? pid : 0;
}

/// Whether it ends before `deadline`, and before the hub does. It is left to be reaped, and keeps its number.
bool ends_before(pid_t pid, clock::time_point deadline, const std::atomic<bool>& ending) {
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0)
      return true;
    if (clock::now() >= deadline || ending)
      return false;
    ::poll(nullptr, 0, 1);
  }
}

} // namespace

program_result run_program(const std::vector<std::string>& words, std::chrono::milliseconds limit, size_t bytes,
                           const std::atomic<bool>& ending) {
  program_result result;
  output_pipe out;
  output_pipe err;
  auto pid = out.open() && err.open() ? spawn(words, out, err) : 0;
  if (pid == 0) {
    result.failure = std::string{"could not be started: "} + std::strerror(errno);
    return result;
  }
  out.writer.reset();
  err.writer.reset();
  auto deadline = clock::now() + limit;
  auto in_time = true;
  // Nobody else can end a wait when the hub does.
  auto goes_on = [&] { return in_time && !ending.load(std::memory_order_relaxed); };
  while (goes_on() && (out.reader || err.reader) && result.output.size() <= bytes) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
    pollfd waits[] = {{out.reader.get(), POLLIN, 0}, {err.reader.get(), POLLIN, 0}};
    in_time = left > 0;
    if (!in_time || ::poll(waits, 2, static_cast<int>(std::min<long>(left, look_interval))) <= 0)
      continue;
    if (waits[0].revents != 0)
      out.read(result.output, bytes);
    if (waits[1].revents != 0)
      err.read(result.complaint, complaint_bytes);
  }
  if (result.output.size() > bytes)
    result.failure = "printed more than " + std::to_string(bytes) + " bytes";
  else if (ending)
    result.failure = "was ended with the hub";
  else if (!in_time || !ends_before(pid, deadline, ending))
    result.failure = "did not end within " + std::to_string(limit.count() / 1000) + " s";
  ::kill(-pid, SIGKILL);
  auto status = 0;
  ::waitpid(pid, &status, 0);
  offspring::of_this_process().remove(pid);
  if (result.failure.empty() && WIFSIGNALED(status))
    result.failure = "was killed by signal " + std::to_string(WTERMSIG(status));
  else if (result.failure.empty() && WEXITSTATUS(status) != 0)
    result.failure = "exited with " + std::to_string(WEXITSTATUS(status));
  return result;
}

} // namespace hub
