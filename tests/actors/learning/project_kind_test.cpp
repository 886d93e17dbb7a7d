#include "actors/learning/project_kind.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace hub;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("project_kind");

namespace {

struct folder {
  fs::path path = fs::temp_directory_path() / ("project_kind_" + std::to_string(::getpid()));

  folder() {
    fs::create_directories(path / ".git");
  }

  ~folder() {
    fs::remove_all(path);
  }

  void put(const fs::path& file) const {
    fs::create_directories((path / file).parent_path());
    std::ofstream{path / file} << "x";
  }
};

} // namespace

TEST_CASE_FIXTURE(folder, "the mark of a project tells its kind, and the one that says most decides") {
  CHECK(project_kind(path) == "");
  put("package.json");
  CHECK(project_kind(path) == "node");
  put("Cargo.toml");
  CHECK(project_kind(path.string() + "/") == "rust");
}

TEST_CASE_FIXTURE(folder, "the nearest folder with a mark decides, up to the root of the repository") {
  put("go.mod");
  put("web/package.json");
  put("inner/.git/config");
  fs::create_directories(path / "web/src/deep");
  CHECK(project_kind(path / "web/src/deep") == "node");
  CHECK(project_kind(path / "docs/not/there") == "go");
  CHECK(project_kind(path / "inner") == "");
}

TEST_CASE("what is no folder has no kind") {
  CHECK(project_kind("") == "");
  CHECK(project_kind("relative/folder") == "");
  CHECK(project_kind("/nowhere/at/all") == "");
}

TEST_SUITE_END();
