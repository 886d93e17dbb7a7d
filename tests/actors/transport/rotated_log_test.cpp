#include "actors/transport/rotated_log.hpp"

#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

using namespace hub;
using hub::test::scratch_folder;

TEST_SUITE_BEGIN("rotated_log");

using texts = std::vector<std::string>;

TEST_CASE("output is appended to a private file in a folder that is made for it") {
  scratch_folder folder;
  {
    rotated_log log{folder.at("logs/a.log")};
    log.write("one\ntw");
    log.write("o\n");
  }
  rotated_log log{folder.at("logs/a.log")};
  log.write("three\n");
  CHECK(folder.read("logs/a.log") == "one\ntwo\nthree\n");
  struct stat about {};
  REQUIRE(::stat(folder.at("logs/a.log").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
}

TEST_CASE("a note of the hub has a line of its own and is not a last line") {
  scratch_folder folder;
  rotated_log log{folder.at("a.log")};
  log.write("half");
  log.note("exited with 1");
  log.write("new\n");
  CHECK(folder.read("a.log") == "half\n[hub] exited with 1\nnew\n");
  CHECK(log.last_lines() == texts{"halfnew"});
}

TEST_CASE("three files of a megabyte are kept, and the newest line is in the newest") {
  scratch_folder folder;
  rotated_log log{folder.at("a.log")};
  std::string line(1023, 'x');
  line += '\n';
  for (int i = 0; i < 10 * 1024; ++i)
    log.write(line);
  log.write("last\n");
  size_t total = 0;
  size_t files = 0;
  for (auto& entry : std::filesystem::directory_iterator{folder.path()}) {
    ++files;
    total += entry.file_size();
    CHECK(entry.file_size() <= rotated_log::file_bytes);
  }
  CHECK(files == 3);
  CHECK(total > 2 * rotated_log::file_bytes);
  CHECK(folder.read("a.log").ends_with("last\n"));
}

TEST_CASE("a file ends with a whole line if the next piece completes it") {
  scratch_folder folder;
  rotated_log log{folder.at("a.log")};
  log.write(std::string(rotated_log::file_bytes - 10, 'x'));
  log.write("end\n" + std::string(100, 'y'));
  CHECK(folder.read("a.log.1").ends_with("xend\n"));
  CHECK(folder.read("a.log") == std::string(100, 'y'));
}

TEST_CASE("the last twenty lines are remembered") {
  rotated_log log{""};
  for (int i = 0; i < 100; ++i)
    log.write("line " + std::to_string(i) + "\n");
  auto lines = log.last_lines();
  REQUIRE(lines.size() == 20);
  CHECK(lines.front() == "line 80");
  CHECK(lines.back() == "line 99");
}

TEST_CASE("the last lines are the same when they come in one piece") {
  std::string all;
  for (int i = 0; i < 100; ++i)
    all += "line " + std::to_string(i) + "\n";
  rotated_log log{""};
  log.write("an earlier half");
  log.write(all + "rest");
  auto lines = log.last_lines();
  REQUIRE(lines.size() == 20);
  CHECK(lines.front() == "line 81");
  CHECK(lines.back() == "rest");
}

TEST_CASE("a long line is cut, however it comes") {
  rotated_log log{""};
  for (int i = 0; i < 100; ++i)
    log.write(std::string(100, 'x'));
  log.write("\n" + std::string(10'000, 'y') + "\nshort\n");
  CHECK(log.last_lines() == texts{std::string(500, 'x'), std::string(500, 'y'), "short"});
}

TEST_CASE("lines are shown as valid text without control characters and colours") {
  rotated_log log{""};
  log.write("\x1b[31mred\x1b[0m\tand\r\n");
  log.write("gr\xC3\xBC\xC3\x9F bad\xFF\xC3( \xED\xA0\x80\n");
  log.write("\n   \n");
  CHECK(log.last_lines()
        == texts{"red and", "gr\xC3\xBC\xC3\x9F bad\xEF\xBF\xBD\xEF\xBF\xBD( \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"});
}

TEST_CASE("what cannot be stored is counted and reported when it can be again") {
  scratch_folder folder;
  rotated_log log{folder.at("missing/folders/a.log")};
  log.write("one\ntwo\n");
  log.write("three\n");
  CHECK(log.dropped_lines() == 3);
  CHECK(log.last_lines() == texts{"one", "two", "three"});
  std::filesystem::create_directories(folder.at("missing/folders"));
  log.write("four\n");
  CHECK(folder.read("missing/folders/a.log") == "[hub] 3 lines could not be written here\nfour\n");
  CHECK(log.dropped_lines() == 3);
}

TEST_CASE("a full disk costs lines and nothing else") {
  rotated_log log{"/dev/full"};
  log.write("one\n");
  log.write("two\n");
  CHECK(log.dropped_lines() == 2);
  CHECK(log.last_lines() == texts{"one", "two"});
}
