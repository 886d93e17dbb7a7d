#include "actors/transport/offspring.hpp"

#include "actors/transport/child_process.hpp"

#include "tests/support/child_io.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("offspring");

namespace {

/// Adopts orphans as long as it lives.
struct adoption {
  offspring& ours = offspring::of_this_process();

  adoption() {
    ours.adopt_orphans();
  }

  ~adoption() {
    ours.adopt_orphans(false);
  }
};

child_process launched(const std::string& script) {
  auto result = child_process::launch(shell(script));
  REQUIRE(std::holds_alternative<child_process>(result));
  return std::move(std::get<child_process>(result));
}

descriptor end_of(pid_t pid) {
  return descriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
}

bool exists(pid_t pid) {
  return ::kill(pid, 0) == 0;
}

std::string text_of(pid_t pid, const char* file) {
  std::ifstream in{"/proc/" + std::to_string(pid) + '/' + file};
  std::string text;
  std::getline(in, text);
  return text;
}

/// The process whose number a child tells, when it has become `sleep`: on the way there it has no environment, and so no mark.
pid_t sleeper_of(child_process& child) {
  auto pid = std::stoi(read_line(child.from_stdout));
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while ((text_of(pid, "comm") != "sleep" || text_of(pid, "environ").empty()) && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  return pid;
}

/// Lets a child that reads its stdin end.
void finish(child_process& child) {
  child.to_stdin.reset();
  wait_for(child);
}

} // namespace

TEST_CASE_FIXTURE(adoption, "what has left a child's session ends with the child and is reaped") {
  auto child = launched("setsid sh -c 'trap \"\" TERM HUP; echo $$; exec sleep 1000' & read line");
  auto left = sleeper_of(child);
  auto end = end_of(left);
  CHECK(run_mark_of(left) == child.mark());
  finish(child);
  wait_readable(end.get());
  ours.end_strays();
  CHECK_FALSE(exists(left));
}

TEST_CASE_FIXTURE(adoption, "an orphan of a child that still runs is left alone, and known as its own") {
  auto child = launched("(setsid sh -c 'echo $$; exec sleep 1000' &); read line");
  auto other = launched("read line");
  auto left = sleeper_of(child);
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  auto own = ours.orphans_of(child.pid());
  // Its parent is about to end.
  while (own.empty() && std::chrono::steady_clock::now() < deadline)
    own = ours.orphans_of(child.pid());
  CHECK(own == std::vector<pid_t>{left});
  CHECK(ours.orphans_of(other.pid()).empty());
  finish(other);
  auto end = end_of(left);
  CHECK(ours.end_strays() == 0);
  CHECK(is_running(left));
  finish(child);
  wait_readable(end.get());
  ours.end_strays();
  CHECK_FALSE(exists(left));
}

TEST_CASE_FIXTURE(adoption, "an orphan without a mark of ours is reaped but never signalled") {
  auto child = launched("setsid env -u SLM_HUB_RUN sh -c 'echo $$; exec sleep 1000' & read line");
  auto left = sleeper_of(child);
  auto end = end_of(left);
  finish(child);
  CHECK(ours.end_strays() == 0);
  CHECK(is_running(left));
  ::kill(left, SIGTERM);
  wait_readable(end.get());
  ours.end_strays();
  CHECK_FALSE(exists(left));
}

TEST_CASE_FIXTURE(adoption, "while a process is being started no orphan is ended, and afterwards each is") {
  auto child = launched("setsid sh -c 'echo $$; exec sleep 1000' & read line");
  auto left = sleeper_of(child);
  auto end = end_of(left);
  {
    auto one = ours.begin();
    auto two = ours.begin();
    finish(child);
    CHECK(ours.is_starting());
    CHECK(ours.end_strays() == 0);
    CHECK(is_running(left));
  }
  wait_readable(end.get());
  ours.end_strays();
  CHECK_FALSE(exists(left));
  CHECK_FALSE(ours.is_starting());
}

TEST_CASE_FIXTURE(adoption, "a child is left to its owner, who hears how it ended") {
  auto child = launched("exit 3");
  wait_readable(child.open_end().get());
  CHECK(ours.end_strays() == 0);
  CHECK(wait_for(child).to_string() == "exited with 3");
}

TEST_CASE("a mark that a child inherits gives way to its own") {
  auto spec = shell("echo $SLM_HUB_RUN");
  spec.env.push_back("SLM_HUB_RUN=another");
  auto result = child_process::launch(spec);
  REQUIRE(std::holds_alternative<child_process>(result));
  auto& child = std::get<child_process>(result);
  CHECK("SLM_HUB_RUN=" + read_line(child.from_stdout) == child.mark());
  wait_for(child);
}
