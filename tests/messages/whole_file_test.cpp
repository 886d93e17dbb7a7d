#include "messages/whole_file.hpp"

#include "tests/support/scratch_folder.hpp"

#include <cerrno>
#include <doctest/doctest.h>
#include <filesystem>

#include <sys/stat.h>

using namespace hub;

namespace {

size_t files_in(const std::filesystem::path& folder) {
  size_t result = 0;
  for ([[maybe_unused]] auto& x : std::filesystem::directory_iterator{folder})
    ++result;
  return result;
}

} // namespace

TEST_CASE("a file is written whole, for its owner alone, and nothing is left beside it") {
  test::scratch_folder folder;
  std::filesystem::path path = folder.at("a");
  CHECK(write_whole_file(path, "one", existing_file::replaced) == 0);
  CHECK(write_whole_file(path, "two", existing_file::replaced) == 0);
  CHECK(folder.read("a") == "two");
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  CHECK(files_in(path.parent_path()) == 1);
}

TEST_CASE("a file that is to be kept stays as it is") {
  test::scratch_folder folder;
  std::filesystem::path path = folder.at("a");
  CHECK(write_whole_file(path, "one", existing_file::kept) == 0);
  CHECK(write_whole_file(path, "two", existing_file::kept) == EEXIST);
  CHECK(folder.read("a") == "one");
  CHECK(files_in(path.parent_path()) == 1);
}

TEST_CASE("a file cannot be written where no folder is, nor over a folder") {
  test::scratch_folder folder;
  std::filesystem::path path = folder.at("a");
  CHECK(write_whole_file(path / "b", "one", existing_file::replaced) == ENOENT);
  std::filesystem::create_directory(path);
  CHECK(write_whole_file(path, "one", existing_file::replaced) == EISDIR);
  CHECK(files_in(path.parent_path()) == 1);
}
