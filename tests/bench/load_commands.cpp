#include "tests/bench/load_commands.hpp"

#include "tests/bench/client_session.hpp"
#include "tests/bench/measurement.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <stdexcept>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hub::bench {

namespace {

/// A command of ours in a process of its own, ended with SIGTERM and, if that does not help, killed.
class child_process {
public:
  /// `pipes`: standard input and output are pipes, at `to` and `from`.
  child_process(const std::vector<std::string>& command, bool pipes) {
    std::vector<char*> arguments;
    for (const auto& word : command)
      arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    int down[2] = {-1, -1};
    int up[2] = {-1, -1};
    if (pipes && (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0))
      throw std::runtime_error("cannot make pipes");
    pid_ = ::fork();
    if (pid_ == 0) {
      if (pipes) {
        ::dup2(down[0], STDIN_FILENO);
        ::dup2(up[1], STDOUT_FILENO);
      } else {
        ::dup2(STDERR_FILENO, STDOUT_FILENO);
      }
      ::execvp(arguments[0], arguments.data());
      ::_exit(127);
    }
    if (pipes) {
      ::close(down[0]);
      ::close(up[1]);
      to = down[1];
      from = up[0];
    }
  }

  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  ~child_process() {
    if (pid_ > 0)
      stop();
  }

  /// Waits at most `time` for the end of the process; it is not reaped.
  bool ends_within(std::chrono::microseconds time) const {
    auto ended = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (ended < 0)
      return false;
    pollfd event{ended, POLLIN, 0};
    timespec limit{static_cast<time_t>(time.count() / 1'000'000), static_cast<long>(time.count() % 1'000'000 * 1000)};
    auto ready = ::ppoll(&event, 1, &limit, nullptr);
    ::close(ended);
    return ready > 0;
  }

  /// Ends the process and returns its wait status.
  int stop() {
    if (to >= 0) {
      ::close(to);
      ::close(from);
    }
    ::kill(pid_, SIGTERM);
    if (!ends_within(std::chrono::seconds{10}))
      ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

  int to = -1;
  int from = -1;

private:
  pid_t pid_;
};

/// Writes a line and reads the one that answers it, blocking.
std::string_view round_trip(child_process& child, std::string line, byte_queue& in) {
  line += '\n';
  for (size_t done = 0; done < line.size();) {
    auto n = ::write(child.to, line.data() + done, line.size() - done);
    if (n < 0 && errno != EINTR)
      throw std::runtime_error("the command closed its standard input");
    done += n > 0 ? static_cast<size_t>(n) : 0;
  }
  in.begin = in.end = 0;
  for (;;) {
    constexpr size_t read_size = 1 << 18;
    auto n = ::read(child.from, queue_reserve(&in, read_size), read_size);
    if (n <= 0)
      throw std::runtime_error("the command closed its standard output");
    in.end += static_cast<size_t>(n);
    if (in.data[in.end - 1] == '\n')
      return {queue_front(&in), queue_size(&in) - 1};
  }
}

double ms_between(steady::time_point from, steady::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

/// Connects as soon as `child` listens, which nothing announces; its end is an event, and ends the wait.
std::unique_ptr<client_session> connect_until(const load_options& options, const child_process& child,
                                              steady::time_point deadline) {
  for (;;) {
    try {
      return std::make_unique<client_session>(options.port, options.path);
    } catch (const std::runtime_error&) {
      if (steady::now() > deadline)
        throw;
    }
    if (child.ends_within(std::chrono::microseconds{200}))
      throw std::runtime_error("the command ended before it listened; its messages say why");
  }
}

} // namespace

int run_pipe(const load_options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  child_process child{options.command, true};
  byte_queue in{};
  round_trip(child, std::string{initialize_request}, in);
  measurement result{0};
  auto warm = steady::now()
              + std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(options.warmup_seconds));
  auto end = warm + std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(options.seconds));
  bool counting = false;
  for (uint64_t id = 1;; ++id) {
    tool_call call{options.shape, id, 0};
    auto sent = steady::now();
    if (sent > end)
      break;
    if (!counting && sent > warm) {
      counting = true;
      result.begin();
      sent = steady::now();
    }
    auto answer = round_trip(child, call.request(), in);
    auto latency = steady::now() - sent;
    auto fault = call.fault_of(answer);
    if (!fault.empty())
      result.add_error(fault);
    else if (counting)
      result.add(latency, answer.size());
  }
  result.end();
  result.print(1);
  std::free(in.data);
  return 0;
}

int run_hold(const load_options& options) {
  constexpr std::chrono::seconds limit{10};
  std::vector<std::unique_ptr<client_session>> sessions;
  std::vector<std::unique_ptr<client_session>> streams;
  for (size_t i = 0; i < options.sessions; ++i) {
    sessions.push_back(std::make_unique<client_session>(options.port, options.path));
    sessions.back()->initialize(limit);
    if (options.streams) {
      streams.push_back(std::make_unique<client_session>(options.port, options.path));
      streams.back()->adopt_session(sessions.back()->session_id());
      streams.back()->open_stream();
    }
  }
  std::printf(R"({"sessions":%zu,"streams":%zu})"
              "\n",
              sessions.size(), streams.size());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
    // nop
  }
  streams.clear();
  for (auto& session : sessions)
    session->end(limit);
  return 0;
}

int run_start(const load_options& options) {
  constexpr std::chrono::seconds limit{10};
  auto begin = steady::now();
  child_process child{options.command, false};
  auto session = connect_until(options, child, begin + limit);
  auto connected = steady::now();
  auto answer = session->ask(initialize_request, limit);
  auto initialized = steady::now();
  if (answer.status != 200)
    throw std::runtime_error("initialize was answered with " + std::to_string(answer.status));
  session->ask(initialized_notification, limit);
  auto asked = steady::now();
  answer = session->ask(list_tools_request, limit);
  auto listed = steady::now();
  auto bytes = answer.body.size();
  auto status = answer.status;
  session->end(limit);
  session.reset();
  auto stopping = steady::now();
  auto exit_status = child.stop();
  std::printf(
      R"({"connected_ms":%.2f,"initialize_ms":%.2f,"tools_list_ms":%.2f,"tools_list_status":%d,)"
      R"("tools_list_bytes":%zu,"stop_ms":%.1f,"exit_code":%d})"
      "\n",
      ms_between(begin, connected), ms_between(begin, initialized), ms_between(asked, listed), status, bytes,
      ms_between(stopping, steady::now()), WIFEXITED(exit_status) ? WEXITSTATUS(exit_status) : -1);
  return 0;
}

} // namespace hub::bench
