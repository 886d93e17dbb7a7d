#include "tests/actors/transport/transport_stage.hpp"

#include <sys/wait.h>

#include <chrono>
#include <string>
#include <vector>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("end of stdio_transport");

using texts = std::vector<std::string>;

TEST_CASE_FIXTURE(transport_stage, "the exit status and the last lines of stderr tell why a child is gone") {
  run("echo answer; echo first >&2; echo second >&2; exit 4");
  auto closed = diary.wait_closed();
  CHECK(closed.cause == "exited with 4");
  CHECK(closed.last_stderr == texts{"first", "second"});
  CHECK_FALSE(closed.asked_for);
  CHECK_FALSE(closed.never_started);
  CHECK(closed.fix.find("logs/one.log") != std::string::npos);
  CHECK(diary.wait_messages(1) == texts{"answer"});
}

TEST_CASE_FIXTURE(transport_stage, "all that a child wrote before its end arrives before the news of it") {
  run("head -c 3000000 /dev/zero | tr '\\0' 'x'; echo; echo last; exit 0");
  diary.wait_closed();
  auto messages = diary.wait_messages(2);
  CHECK(messages[0].size() == 3'000'000);
  CHECK(messages[1] == "last");
}

TEST_CASE_FIXTURE(transport_stage, "a killed child is told from one that exits") {
  run("kill -9 $$");
  auto closed = diary.wait_closed();
  CHECK(closed.cause == "was killed by signal 9 (Killed)");
  CHECK(closed.fix.find("memory") != std::string::npos);
}

TEST_CASE_FIXTURE(transport_stage, "a program that is not found was never started") {
  launch_spec program;
  program.command = "no-such-program";
  program.env = {"PATH=/usr/bin:/bin"};
  run(program);
  auto closed = diary.wait_closed();
  CHECK(closed.cause.starts_with("could not be started: no-such-program: not found in PATH /usr/bin:/bin, nor in "));
  CHECK(closed.cause.find("nor in /usr/local/bin") != std::string::npos);
  CHECK(closed.never_started);
  CHECK(closed.fix.starts_with("Install no-such-program"));
  CHECK(folder.read("logs/one.log") == "[hub] " + closed.cause + "\n");
}

TEST_CASE_FIXTURE(transport_stage, "a polite child ends when its stdin is closed") {
  run("exec cat");
  say("before");
  close(60'000);
  auto closed = diary.wait_closed();
  CHECK(closed.cause == "exited with 0");
  CHECK(closed.asked_for);
  CHECK(diary.wait_messages(1) == texts{"before"});
}

TEST_CASE_FIXTURE(transport_stage, "what waits to be written goes out before stdin is closed") {
  run("sleep 0.1; exec cat");
  std::string big(5'000'000, 'x');
  say(big);
  close(60'000);
  CHECK(diary.wait_messages(1) == texts{big});
  CHECK(diary.wait_closed().cause == "exited with 0");
}

TEST_CASE_FIXTURE(transport_stage, "a child that ignores its stdin gets SIGTERM") {
  run("echo ready; exec sleep 1000");
  diary.wait_messages(1);
  close(10);
  auto closed = diary.wait_closed();
  CHECK(closed.cause == "was killed by signal 15 (Terminated)");
  CHECK(closed.asked_for);
}

TEST_CASE_FIXTURE(transport_stage, "a child that ignores SIGTERM gets SIGKILL, and all that it forked") {
  run("trap '' TERM; sh -c 'echo $$; while :; do sleep 1000; done' & while :; do wait; done");
  auto grandchild = std::stoi(diary.wait_messages(1).front());
  close(10);
  CHECK(diary.wait_closed().cause == "was killed by signal 9 (Killed)");
  wait_until_gone(grandchild);
}

TEST_CASE_FIXTURE(transport_stage, "a child that forks and dies leaves nothing behind") {
  run("sh -c 'echo $$; exec sleep 1000' & read line; exit 9");
  auto grandchild = std::stoi(diary.wait_messages(1).front());
  say("go");
  CHECK(diary.wait_closed().cause == "exited with 9");
  wait_until_gone(grandchild);
}

TEST_CASE_FIXTURE(transport_stage, "who leaves the group of a child cannot hold up the news of its end") {
  limits.drain_time = 50ms;
  run("setsid sh -c 'echo $$; exec sleep 1000' & read line; exit 9");
  auto grandchild = std::stoi(diary.wait_messages(1).front());
  say("go");
  CHECK(diary.wait_closed().cause == "exited with 9");
  ::kill(grandchild, SIGKILL);
}

TEST_CASE_FIXTURE(transport_stage, "a child that closes its stdout and lives on is ended") {
  limits.drain_time = 20ms;
  run("exec >&-; exec sleep 1000");
  auto closed = diary.wait_closed();
  CHECK(closed.cause == "closed its stdout but did not end");
  CHECK_FALSE(closed.asked_for);
  CHECK_FALSE(is_running(static_cast<pid_t>(diary.wait_opened())));
}

TEST_CASE_FIXTURE(transport_stage, "a child that closes its stdin and lives on is ended") {
  limits.drain_time = 20ms;
  run("exec <&-; echo closed; exec sleep 1000");
  diary.wait_messages(1);
  say("anybody there?");
  CHECK(diary.wait_closed().cause == "closed its stdin but did not end");
}

TEST_CASE_FIXTURE(transport_stage, "a message to a child that exits is no failure of its own") {
  run("exec <&-; echo closed; sleep 0.1; exit 6");
  diary.wait_messages(1);
  say("anybody there?");
  CHECK(diary.wait_closed().cause == "exited with 6");
}

TEST_CASE_FIXTURE(transport_stage, "the child goes when the transport is killed") {
  run("trap '' TERM INT HUP; echo ready; while :; do sleep 1000; done");
  diary.wait_messages(1);
  auto pid = static_cast<pid_t>(diary.wait_opened());
  kill_transport();
  wait_until_gone(pid);
  // So hears the owner of one that fails of an exception, as where memory is short.
  CHECK(diary.wait_closed().cause == "was given up, because the hub failed at its connection");
}

TEST_CASE_FIXTURE(transport_stage, "a child that is told to end before it runs gets what was sent to it, and ends") {
  run("exec cat");
  say("before");
  close(60'000);
  CHECK(diary.wait_messages(1) == texts{"before"});
  auto closed = diary.wait_closed();
  CHECK(closed.cause == "exited with 0");
  CHECK(closed.asked_for);
}

TEST_CASE_FIXTURE(transport_stage, "the child goes when the owner is gone") {
  run("trap '' TERM INT HUP; echo ready; while :; do sleep 1000; done");
  diary.wait_messages(1);
  auto pid = static_cast<pid_t>(diary.wait_opened());
  kill_owner();
  wait_until_gone(pid);
}

TEST_CASE_FIXTURE(transport_stage, "the news of the end comes once, whatever happens around it") {
  for (size_t round = 1; round <= 50; ++round) {
    run("read line; exit 1");
    say("go");
    close(round % 2 == 0 ? 0 : 1000);
    say("late");
    close(0);
    auto page = diary.wait([&](auto& x) { return x.closed.size() >= round; });
    REQUIRE(page.closed.size() == round);
  }
}

TEST_CASE("two hundred starts leave no descriptor, process or note behind") {
  auto before = open_descriptors();
  {
    transport_stage stage;
    for (size_t round = 1; round <= 200; ++round) {
      stage.run(round % 3 == 0 ? "exit 1" : "exec cat");
      stage.say("x");
      if (round % 3 == 1)
        stage.close(1000);
      else if (round % 3 == 2)
        stage.kill_transport();
    }
    stage.diary.wait([](auto& x) { return x.closed.size() == 200; });
  }
  // Some transports were killed before their children ran.
  wait_for_starts();
  CHECK(open_descriptors() == before);
  // ECHILD: no child is left, not even a dead one.
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("a child without a waiter goes with the actor system") {
  pid_t pid = 0;
  {
    transport_stage stage;
    stage.run("trap '' TERM INT HUP; echo ready; while :; do sleep 1000; done");
    stage.diary.wait_messages(1);
    pid = static_cast<pid_t>(stage.diary.wait_opened());
  }
  wait_until_gone(pid);
}
