#pragma once

#include "actors/transport/child_process.hpp"
#include "actors/transport/offspring.hpp"

#include "tests/support/live_system.hpp"

#include <doctest/doctest.h>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace hub::test {

/// `sh -c SCRIPT` with a plain environment. Arguments that are added become $0,
/// $1 and so on.
inline launch_spec shell(std::string script) {
  launch_spec result;
  result.command = "sh";
  result.args = {"-c", std::move(script)};
  result.env = {"PATH=/usr/local/bin:/usr/bin:/bin"};
  return result;
}

/// Waits until a descriptor is readable; fails the test when it never is.
inline void wait_readable(int fd) {
  pollfd wait{fd, POLLIN, 0};
  auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
  REQUIRE_MESSAGE(::poll(&wait, 1, static_cast<int>(limit.count())) == 1, "waited in vain");
}

/// Reads up to and without a line end, or to the end of the stream.
inline std::string read_line(const descriptor& from) {
  std::string result;
  for (char c = 0;;) {
    wait_readable(from.get());
    if (::read(from.get(), &c, 1) != 1 || c == '\n')
      return result;
    result += c;
  }
}

inline std::string read_to_end(const descriptor& from) {
  std::string result;
  char room[4096];
  for (;;) {
    wait_readable(from.get());
    auto count = ::read(from.get(), room, sizeof room);
    if (count == 0)
      return result;
    if (count > 0)
      result.append(room, static_cast<size_t>(count));
  }
}

/// Waits for the end of a child and reaps it.
inline child_end wait_for(child_process& child) {
  auto end = child.open_end();
  REQUIRE(end);
  wait_readable(end.get());
  auto result = child.reap();
  REQUIRE(result);
  return *result;
}

/// Tells whether a process exists and is no zombie.
inline bool is_running(pid_t pid) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/stat"};
  // It may go while it is read, which the stream tells by an empty line.
  std::string text;
  std::getline(in, text);
  auto bracket = text.rfind(") ");
  return bracket != std::string::npos && text[bracket + 2] != 'Z' && text[bracket + 2] != 'X';
}

/// Waits for the end of a process that need not be a child of ours.
inline void wait_until_gone(pid_t pid) {
  descriptor end{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  if (end)
    wait_readable(end.get());
  CHECK_FALSE(is_running(pid));
}

/// Waits until no process is being started.
inline void wait_for_starts() {
  auto& ours = offspring::of_this_process();
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (ours.is_starting() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  CHECK_FALSE(ours.is_starting());
}

/// How many descriptors this process has open.
inline size_t open_descriptors() {
  size_t result = 0;
  for ([[maybe_unused]] auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"})
    ++result;
  return result;
}

} // namespace hub::test
