#include "actors/transport/program_path.hpp"

#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <filesystem>

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
  REQUIRE(std::holds_alternative<program_place>(found));
  return std::get<program_place>(found).path;
}

} // namespace

TEST_CASE("a program is looked up in the PATH of the child") {
  scratch_folder folder;
  auto tool = folder.write("tool", "#!/bin/sh\n", 0755);
  CHECK(path_of(spec_of("tool", "/nowhere:" + folder.path())) == tool);
  CHECK(cause_of(spec_of("tool", "/nowhere:/usr/bin")).starts_with("tool: not found in PATH /nowhere:/usr/bin, nor in "));
}

TEST_CASE("a child without PATH finds what lies in the usual folders") {
  launch_spec spec;
  spec.command = "sh";
  CHECK(path_of(spec).ends_with("/bin/sh"));
}

TEST_CASE("with a poor PATH a program is found where version managers and people put it") {
  scratch_folder home;
  auto place = [&](const std::string& folder) {
    std::filesystem::create_directories(home.at(folder));
    return home.write(folder + "/npx", "#!/bin/sh\n", 0755);
  };
  auto spec = spec_of("npx", "/nowhere");
  spec.env[0] = "HOME=" + home.path();
  auto local = place(".local/bin");
  CHECK(path_of(spec) == local);
  place(".nvm/versions/node/v9.1.0/bin");
  auto newest = place(".nvm/versions/node/v20.11.1/bin");
  CHECK(path_of(spec) == newest);
  std::filesystem::create_directories(home.at(".nvm/alias"));
  home.write(".nvm/alias/default", "9\n");
  CHECK(path_of(spec) == home.at(".nvm/versions/node/v9.1.0/bin/npx"));
  // Its own folder is told, since it needs the program beside it.
  CHECK(std::get<program_place>(find_program(spec)).folder == home.at(".nvm/versions/node/v9.1.0/bin"));
  CHECK(std::get<program_place>(find_program(spec_of("sh", "/bin"))).folder.empty());
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
