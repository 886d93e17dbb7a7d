#include "actors/transport/program_path.hpp"

#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

using namespace hub;
using hub::test::scratch_folder;

TEST_SUITE_BEGIN("program_path");

namespace {

launch_spec spec_of(std::string command, std::string path, std::string cwd = "") {
  launch_spec result;
  result.command = std::move(command);
  result.env = {"HOME=/", "PATH=" + path};
  result.cwd = std::move(cwd);
  return result;
}

std::string cause_of(const launch_spec& spec) {
  auto found = find_program(spec);
  REQUIRE(std::holds_alternative<launch_failure>(found));
  CHECK_FALSE(std::get<launch_failure>(found).fix.empty());
  return std::get<launch_failure>(found).cause;
}

std::string path_of(const launch_spec& spec) {
  auto found = find_program(spec);
  REQUIRE(std::holds_alternative<std::string>(found));
  return std::get<std::string>(found);
}

} // namespace

TEST_CASE("a program is looked up in the PATH of the child") {
  scratch_folder folder;
  auto tool = folder.write("tool", "#!/bin/sh\n", 0755);
  CHECK(path_of(spec_of("tool", "/nowhere:" + folder.path())) == tool);
  CHECK(cause_of(spec_of("tool", "/nowhere:/usr/bin")) == "tool: not found in PATH /nowhere:/usr/bin");
}

TEST_CASE("a child without PATH finds what lies in the usual folders") {
  launch_spec spec;
  spec.command = "sh";
  CHECK(path_of(spec).ends_with("/bin/sh"));
}

TEST_CASE("what cannot be executed is passed over, and named if nothing else is there") {
  scratch_folder first;
  scratch_folder second;
  auto plain = first.write("tool", "text", 0644);
  auto tool = second.write("tool", "#!/bin/sh\n", 0755);
  CHECK(path_of(spec_of("tool", first.path() + ":" + second.path())) == tool);
  CHECK(cause_of(spec_of("tool", first.path())) == plain + " is not executable");
}

TEST_CASE("a path with a slash is seen from the working directory of the child") {
  scratch_folder folder;
  folder.write("tool", "#!/bin/sh\n", 0755);
  CHECK(path_of(spec_of("./tool", "/usr/bin", folder.path())) == "./tool");
  CHECK(cause_of(spec_of("./other", "/usr/bin", folder.path())) == "./other does not exist");
  CHECK(cause_of(spec_of(folder.path(), "/usr/bin")) == folder.path() + " is a folder, not a program");
}

TEST_CASE("a working directory that is none is refused") {
  scratch_folder folder;
  auto file = folder.write("file", "");
  CHECK(cause_of(spec_of("sh", "/bin", folder.at("gone"))) == "cwd " + folder.at("gone") + " does not exist");
  CHECK(cause_of(spec_of("sh", "/bin", file)) == "cwd " + file + " is not a folder");
}

TEST_CASE("an empty command is refused") {
  CHECK(cause_of(spec_of("", "/bin")) == "the command is empty");
}
