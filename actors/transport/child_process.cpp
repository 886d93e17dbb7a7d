#include "actors/transport/child_process.hpp"

#include "actors/transport/offspring.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

namespace hub {

namespace {

/// What a pipe is widened to: a result of 1 MB then needs few turns of parent
/// and child.
constexpr int pipe_bytes = 1024 * 1024;

/// How long a dropped child is waited for after SIGKILL.
constexpr int last_wait_ms = 100;

struct pipe_ends {
  descriptor reader;
  descriptor writer;
};

/// Moves a descriptor above the standard ones, where a `dup2` in the child
/// cannot overwrite it.
bool move_up(descriptor& x) {
  if (x.get() <= STDERR_FILENO)
    x.reset(::fcntl(x.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  return static_cast<bool>(x);
}

bool open_pipe(pipe_ends& ends) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0)
    return false;
  ends.reader.reset(fds[0]);
  ends.writer.reset(fds[1]);
  return move_up(ends.reader) && move_up(ends.writer);
}

/// Prepares the parent's end of a pipe.
void set_nonblocking(const descriptor& x) {
  ::fcntl(x.get(), F_SETFL, ::fcntl(x.get(), F_GETFL) | O_NONBLOCK);
}

/// The two parts of `posix_spawn` that must be destroyed.
struct spawn_plan {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  spawn_plan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }

  spawn_plan(const spawn_plan&) = delete;
  spawn_plan& operator=(const spawn_plan&) = delete;

  ~spawn_plan() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }

  /// Own group; no signal blocked or ignored, though shards block all of them.
  void detach_signals() {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (auto& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// Puts a folder at the end of PATH.
void add_to_path(std::vector<std::string>& environment, const std::string& folder) {
  for (auto& variable : environment)
    if (variable.starts_with("PATH=")) {
      variable += ":" + folder;
      return;
    }
  environment.push_back("PATH=/usr/local/bin:/usr/bin:/bin:" + folder);
}

launch_failure explain(int code, const std::string& program) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return {program + " names an interpreter in its first line that does not exist",
              "Install the interpreter or correct the first line of that file."};
    case ENOEXEC:
      return {program + " is neither a program for this machine nor a script with #! in its first line",
              "Add such a line, or run it through its interpreter as \"command\"."};
    case E2BIG:
      return {"its arguments and environment are too large", "Shorten \"args\" or \"env\" of this server."};
    case EACCES:
      return {program + " may not be executed", "Check the rights of the file and whether its disk is mounted noexec."};
    case EAGAIN:
    case ENOMEM:
      return {"the system has no room for another process: " + std::string{std::strerror(code)},
              "Stop other programs or raise the limit (ulimit -u)."};
    case EMFILE:
    case ENFILE:
      return {"the hub has no file descriptor left", "Raise the limit (ulimit -n)."};
    default:
      return {program + ": " + std::strerror(code), "Run the command by hand to see what is wrong."};
  }
}

} // namespace

std::string child_end::to_string() const {
  if (!by_signal)
    return "exited with " + std::to_string(value);
  if (out_of_memory)
    return "was killed, because it had more memory than \"memory_mb\" allows";
  if (value == SIGXCPU)
    return "was killed, because it had used the processor time that \"cpu_seconds\" allows";
  auto name = ::sigdescr_np(value);
  auto text = "was killed by signal " + std::to_string(value);
  return name ? text + " (" + name + ")" : text;
}

std::variant<child_process, launch_failure> child_process::launch(const launch_spec& spec) {
  auto found = find_program(spec);
  if (auto why = std::get_if<launch_failure>(&found))
    return std::move(*why);
  auto& [program, folder] = std::get<program_place>(found);
  pipe_ends in;
  pipe_ends out;
  pipe_ends err;
  if (!open_pipe(in) || !open_pipe(out) || !open_pipe(err))
    return explain(errno, program);
  // Refused beyond the user's share of pipe memory; then the default must do.
  ::fcntl(in.writer.get(), F_SETPIPE_SZ, pipe_bytes);
  ::fcntl(out.reader.get(), F_SETPIPE_SZ, pipe_bytes);
  spawn_plan plan;
  plan.detach_signals();
  if (!spec.cwd.empty())
    posix_spawn_file_actions_addchdir_np(&plan.actions, spec.cwd.c_str());
  posix_spawn_file_actions_adddup2(&plan.actions, in.reader.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&plan.actions, out.writer.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&plan.actions, err.writer.get(), STDERR_FILENO);
  // What a library forgot to mark is closed as well.
  posix_spawn_file_actions_addclosefrom_np(&plan.actions, STDERR_FILENO + 1);
  std::vector<std::string> arguments{spec.command};
  arguments.insert(arguments.end(), spec.args.begin(), spec.args.end());
  auto environment = spec.env;
  if (!folder.empty())
    add_to_path(environment, folder);
  auto argv = pointers_to(arguments);
  auto& ours = offspring::of_this_process();
  child_process child;
  child.mark_ = ours.next_mark();
  // A hub that is a server of another one does not pass that one's mark on.
  std::erase_if(environment, [](auto& variable) { return variable.starts_with("SLM_HUB_RUN="); });
  environment.push_back(child.mark_);
  auto envp = pointers_to(environment);
  auto birth = ours.begin();
  if (auto code = posix_spawn(&child.pid_, program.c_str(), &plan.actions, &plan.attributes, argv.data(), envp.data());
      code != 0) {
    child.pid_ = 0;
    return explain(code, program);
  }
  birth.add(child.pid_, child.mark_);
  child.bind(spec.bounds);
  child.to_stdin = std::move(in.writer);
  child.from_stdout = std::move(out.reader);
  child.from_stderr = std::move(err.reader);
  set_nonblocking(child.to_stdin);
  set_nonblocking(child.from_stdout);
  set_nonblocking(child.from_stderr);
  return child;
}

child_process::child_process(child_process&& other) noexcept
  : to_stdin(std::move(other.to_stdin)),
    from_stdout(std::move(other.from_stdout)),
    from_stderr(std::move(other.from_stderr)),
    pid_(std::exchange(other.pid_, 0)),
    mark_(std::move(other.mark_)),
    reaped_(other.reaped_),
    group_(std::move(other.group_)) {
  // nop
}

child_process::~child_process() {
  if (reaped())
    return;
  signal_group(SIGKILL);
  if (auto end = open_end()) {
    pollfd wait{end.get(), POLLIN, 0};
    ::poll(&wait, 1, last_wait_ms);
  }
  reap();
  if (!reaped())
    offspring::of_this_process().remove(pid_);
}

descriptor child_process::open_end() const noexcept {
  return descriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))};
}

void child_process::signal_group(int signal) noexcept {
  if (!reaped())
    ::kill(-pid_, signal);
}

std::optional<child_end> child_process::reap() noexcept {
  if (reaped())
    return std::nullopt;
  siginfo_t info{};
  auto id = static_cast<id_t>(pid_);
  // WNOWAIT leaves the dead child in place, and with it the number of its
  // group, until what it forked is killed.
  if (::waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
    // Somebody else reaped it; its numbers are no longer ours to use.
    reaped_ = true;
    offspring::of_this_process().remove(pid_);
    return child_end{};
  }
  if (info.si_pid == 0)
    return std::nullopt;
  ::kill(-pid_, SIGKILL);
  ::waitid(P_PID, id, &info, WEXITED | WNOHANG);
  reaped_ = true;
  offspring::of_this_process().remove(pid_);
  offspring::of_this_process().end_strays();
  auto out_of_memory = group_ && group_->ran_out_of_memory();
  group_.reset();
  return child_end{info.si_status, info.si_code != CLD_EXITED, out_of_memory};
}

void child_process::bind(const run_bounds& bounds) {
  if (bounds.processor_seconds > 0) {
    auto seconds = static_cast<rlim_t>(bounds.processor_seconds);
    // A second later it is killed if it has taken no notice.
    rlimit limit{seconds, seconds + 1};
    ::prlimit(pid_, RLIMIT_CPU, &limit, nullptr);
  }
  group_ = control_groups::of_this_process().place(pid_, bounds);
}

} // namespace hub
