#include "actors/transport/child_process.hpp"

#include "tests/support/child_io.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <fcntl.h>
#include <string>
#include <unistd.h>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("child_process");

namespace {

child_process launched(const launch_spec& spec) {
  auto result = child_process::launch(spec);
  REQUIRE(std::holds_alternative<child_process>(result));
  return std::move(std::get<child_process>(result));
}

} // namespace

TEST_CASE("a child runs with its own arguments, environment and folder") {
  scratch_folder folder;
  auto spec = shell("echo \"$1 $SPECIAL $HOME $(pwd -P)\"");
  spec.args.insert(spec.args.end(), {"name", "an argument"});
  spec.env.push_back("SPECIAL=value");
  spec.cwd = folder.path();
  auto child = launched(spec);
  CHECK(read_to_end(child.from_stdout) == "an argument value  " + folder.path() + "\n");
  CHECK(wait_for(child).to_string() == "exited with 0");
}

TEST_CASE("a child talks over its three pipes") {
  auto child = launched(shell("read line; echo \"got $line\"; echo oops >&2; exit 3"));
  REQUIRE(::write(child.to_stdin.get(), "hello\n", 6) == 6);
  CHECK(read_to_end(child.from_stdout) == "got hello\n");
  CHECK(read_to_end(child.from_stderr) == "oops\n");
  CHECK(wait_for(child).to_string() == "exited with 3");
}

TEST_CASE("a child inherits no descriptor, not even one that was not marked") {
  descriptor unmarked{::open("/dev/null", O_RDONLY)};
  REQUIRE(unmarked);
  auto child = launched(shell("for fd in /proc/self/fd/*; do echo ${fd##*/}; done"));
  // The shell itself opens the folder as 3.
  CHECK(read_to_end(child.from_stdout) == "0\n1\n2\n3\n");
  wait_for(child);
}

TEST_CASE("no signal is ignored or blocked in a child") {
  auto before = std::signal(SIGPIPE, SIG_IGN);
  auto child = launched(shell("while read name mask; do case $name in Sig[BI][lg]*) echo $mask; esac; done "
                              "</proc/self/status"));
  std::signal(SIGPIPE, before);
  auto blocked = std::stoull(read_line(child.from_stdout), nullptr, 16);
  auto ignored = std::stoull(read_line(child.from_stdout), nullptr, 16);
  CHECK(blocked == 0);
  // 32 and 33 are glibc's own, which its posix_spawn leaves ignored.
  CHECK((ignored & ~(0b11ULL << 31)) == 0);
  wait_for(child);
}

TEST_CASE("a signal reaches what the child forked") {
  auto child = launched(shell("sh -c 'echo $$; exec sleep 1000' & wait"));
  auto grandchild = std::stoi(read_line(child.from_stdout));
  CHECK(is_running(grandchild));
  child.signal_group(SIGTERM);
  CHECK(wait_for(child).to_string() == "was killed by signal 15 (Terminated)");
  wait_until_gone(grandchild);
}

TEST_CASE("what a child forked is killed when the child has ended") {
  auto child = launched(shell("trap '' TERM; sh -c 'echo $$; exec sleep 1000' & exit 7"));
  auto grandchild = std::stoi(read_line(child.from_stdout));
  CHECK(wait_for(child).to_string() == "exited with 7");
  CHECK(child.reaped());
  wait_until_gone(grandchild);
}

TEST_CASE("a dropped child is killed with its group and reaped") {
  pid_t pid = 0;
  int grandchild = 0;
  {
    auto child = launched(shell("trap '' TERM INT HUP; sh -c 'echo $$; exec sleep 1000' & wait"));
    pid = child.pid();
    grandchild = std::stoi(read_line(child.from_stdout));
  }
  CHECK_FALSE(is_running(pid));
  wait_until_gone(grandchild);
}

TEST_CASE("what cannot be executed is explained") {
  scratch_folder folder;
  auto cause = [](const std::string& path) {
    launch_spec spec;
    spec.command = path;
    auto result = child_process::launch(spec);
    REQUIRE(std::holds_alternative<launch_failure>(result));
    return std::get<launch_failure>(result).cause;
  };
  auto orphan = folder.write("orphan", "#!/no/such/interpreter\n", 0755);
  CHECK(cause(orphan) == orphan + " names an interpreter in its first line that does not exist");
  auto noise = folder.write("noise", "no program", 0755);
  CHECK(cause(noise) == noise + " is neither a program for this machine nor a script with #! in its first line");
  CHECK(cause("/no/such/program") == "/no/such/program does not exist");
}

TEST_CASE("too large an environment is explained") {
  auto spec = shell("exit 0");
  spec.env.push_back("BIG=" + std::string(1 << 20, 'x'));
  auto result = child_process::launch(spec);
  REQUIRE(std::holds_alternative<launch_failure>(result));
  CHECK(std::get<launch_failure>(result).cause == "its arguments and environment are too large");
}

TEST_CASE("two hundred children leave no descriptor behind") {
  auto before = open_descriptors();
  for (int i = 0; i < 200; ++i) {
    auto child = launched(shell("exit 0"));
    wait_for(child);
  }
  CHECK(open_descriptors() == before);
}
