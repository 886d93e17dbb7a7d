#include "actors/transport/child_record.hpp"

#include "actors/transport/child_process.hpp"

#include "tests/support/child_io.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>

#include <filesystem>
#include <string>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("child_record");

namespace {

child_process sleeper() {
  auto result = child_process::launch(shell("echo ready; exec sleep 1000"));
  REQUIRE(std::holds_alternative<child_process>(result));
  auto& child = std::get<child_process>(result);
  REQUIRE(read_line(child.from_stdout) == "ready");
  return std::move(child);
}

size_t files_in(const std::string& folder) {
  size_t result = 0;
  for ([[maybe_unused]] auto& entry : std::filesystem::directory_iterator{folder})
    ++result;
  return result;
}

/// Copies what a killed hub would have left.
void leave_behind(const scratch_folder& from, const scratch_folder& to) {
  std::filesystem::copy(from.path(), to.path());
}

} // namespace

TEST_CASE("a note lasts as long as its owner") {
  scratch_folder folder;
  auto child = sleeper();
  {
    child_record first{folder.at("children"), child.pid(), "one", child.mark()};
    CHECK(folder.read("children/" + std::to_string(child.pid())).ends_with("\none\n"));
    child_record second;
    second = std::move(first);
    CHECK(files_in(folder.at("children")) == 1);
  }
  CHECK(files_in(folder.at("children")) == 0);
}

TEST_CASE("the next hub kills what a killed hub left behind") {
  scratch_folder folder;
  scratch_folder left;
  auto child = sleeper();
  child_record record{folder.path(), child.pid(), "one", child.mark()};
  leave_behind(folder, left);
  CHECK(reap_leftovers(left.path()) == 1);
  CHECK(wait_for(child).to_string() == "was killed by signal 9 (Killed)");
  CHECK(files_in(left.path()) == 0);
  CHECK(reap_leftovers(left.path()) == 0);
}

TEST_CASE("the next hub kills what a dead child had forked") {
  scratch_folder folder;
  scratch_folder left;
  auto result = child_process::launch(shell("sh -c 'echo $$; exec sleep 1000' & read line"));
  REQUIRE(std::holds_alternative<child_process>(result));
  auto& child = std::get<child_process>(result);
  auto grandchild = std::stoi(read_line(child.from_stdout));
  child_record record{folder.path(), child.pid(), "one", child.mark()};
  leave_behind(folder, left);
  // Reaped by nobody who knows the group, as after the end of the hub.
  child.to_stdin.reset();
  auto end = child.open_end();
  wait_readable(end.get());
  siginfo_t info{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED) == 0);
  CHECK(is_running(grandchild));
  CHECK(reap_leftovers(left.path()) == 1);
  wait_until_gone(grandchild);
}

TEST_CASE("the next hub kills what had left the group of a noted child") {
  scratch_folder folder;
  scratch_folder left;
  auto result = child_process::launch(shell("setsid sh -c 'echo $$; exec sleep 1000' & read line"));
  REQUIRE(std::holds_alternative<child_process>(result));
  auto& child = std::get<child_process>(result);
  auto grandchild = std::stoi(read_line(child.from_stdout));
  child_record record{folder.path(), child.pid(), "one", child.mark()};
  leave_behind(folder, left);
  child.to_stdin.reset();
  wait_for(child);
  CHECK(is_running(grandchild));
  CHECK(reap_leftovers(left.path()) == 1);
  wait_until_gone(grandchild);
}

TEST_CASE("a process that is not the noted one is left alone") {
  scratch_folder folder;
  auto child = sleeper();
  auto name = std::to_string(child.pid());
  child_record record{folder.path(), child.pid(), "one", child.mark()};
  auto text = folder.read(name);
  SUBCASE("because it started at another time") {
    folder.write(name, "1" + text);
  }
  SUBCASE("because the machine was started again") {
    auto boot = text.find(' ', text.find(' ') + 1) + 1;
    text[boot] = text[boot] == '0' ? '1' : '0';
    folder.write(name, text);
  }
  SUBCASE("because it is another program, of no run that we know") {
    text.replace(text.find(child.mark()), child.mark().size(), "SLM_HUB_RUN=other");
    text.replace(text.find('\n') + 1, 1, "/other/");
    folder.write(name, text);
  }
  SUBCASE("because the note is cut short") {
    folder.write(name, text.substr(0, 3));
  }
  CHECK(reap_leftovers(folder.path()) == 0);
  CHECK(is_running(child.pid()));
}

TEST_CASE("other files and a missing folder are no trouble") {
  scratch_folder folder;
  folder.write("readme", "1 2 3 4");
  folder.write("1", "1 2 3 4");
  CHECK(reap_leftovers(folder.path()) == 0);
  CHECK(reap_leftovers(folder.at("missing")) == 0);
  CHECK(folder.read("readme") == "1 2 3 4");
  child_record nowhere{folder.at("missing/deep"), 1, "one", "m"};
}
