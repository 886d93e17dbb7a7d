#include "actors/slm/slm_place.hpp"

#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>

using namespace hub;

TEST_SUITE_BEGIN("slm place");

namespace {

void write(const std::filesystem::path& file, std::string_view text) {
  std::ofstream{file} << text;
}

slm_place_settings of(std::map<std::string, std::string, std::less<>> variables) {
  return slm_place_from([&](std::string_view name) {
    auto i = variables.find(name);
    return i == variables.end() ? std::string{} : i->second;
  });
}

} // namespace

TEST_CASE("the daemon is looked for where its variables, its files, and then its usual port say") {
  test::scratch_folder folder;
  std::filesystem::path home{folder.path()};
  auto data = home / ".superlocalmemory";
  CHECK(find_slm(of({{"HOME", home}})).url == "http://127.0.0.1:8765");
  std::filesystem::create_directory(data);
  write(data / "daemon.port", "8801\n");
  CHECK(find_slm(of({{"HOME", home}})).url == "http://127.0.0.1:8801");
  write(data / "daemon.json", R"({"port": 8802, "pid": 1})");
  CHECK(find_slm(of({{"HOME", home}})).url == "http://127.0.0.1:8802");
  CHECK(find_slm(of({{"HOME", "/nowhere"}, {"SLM_DATA_DIR", data}})).url == "http://127.0.0.1:8802");
  CHECK(find_slm(of({{"HOME", home}, {"SLM_DAEMON_PORT", "8803"}})).url == "http://127.0.0.1:8803");
  auto settings = of({{"HOME", home}, {"SLM_DAEMON_PORT", "8803"}, {"SLM_DAEMON_URL", "http://localhost:8804/"}});
  CHECK(find_slm(settings).url == "http://127.0.0.1:8804");
  settings.url = "http://10.0.0.7:8805";
  CHECK(find_slm(settings).url == "http://10.0.0.7:8805");
  CHECK_FALSE(find_slm(settings).on_this_machine);
}

TEST_CASE("files that say nothing useful are passed over") {
  test::scratch_folder folder;
  std::filesystem::path data{folder.path()};
  for (auto* text : {"", "{", "{}", R"({"port":"x"})", "0", "70000", "-1", "8801 or so"}) {
    write(data / "daemon.json", text);
    CHECK(find_slm(of({{"SLM_DATA_DIR", data}})).url == "http://127.0.0.1:8765");
  }
}

TEST_CASE("a URL that is none is said to be wrong") {
  for (auto* text : {"localhost:8765", "ftp://a", "http://a/b", "http://user:pw@a", "http://"})
    CHECK_FALSE(find_slm(of({{"SLM_DAEMON_URL", text}})).error.empty());
}

TEST_CASE("the token of the files is for a daemon on this machine alone") {
  test::scratch_folder folder;
  std::filesystem::path data{folder.path()};
  write(data / ".install_token", "0123456789abcdef0123\n");
  CHECK(find_slm(of({{"SLM_DATA_DIR", data}})).file_token == "0123456789abcdef0123");
  CHECK(find_slm(of({{"SLM_DATA_DIR", data}, {"SLM_DAEMON_URL", "http://10.0.0.7:1"}})).file_token.empty());
  write(data / ".install_token", "0123456789abcdef\r\nX-Other: 1");
  CHECK(find_slm(of({{"SLM_DATA_DIR", data}})).file_token.empty());
}

TEST_SUITE_END();
