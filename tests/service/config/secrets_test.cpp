#include "service/config/secrets.hpp"

#include "service/config/env_file.hpp"
#include "tests/service/config/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace hub;

namespace {

std::string value_of(const std::string& line) {
  auto lines = read_env_lines(line, "f");
  REQUIRE(lines.values.count("A") == 1);
  return lines.values["A"];
}

} // namespace

TEST_CASE("an assignment may be written in each usual way") {
  CHECK(value_of("A=b") == "b");
  CHECK(value_of("  export\tA = b c  \r") == "b c");
  CHECK(value_of("A=") == "");
  CHECK(value_of("A=b=c") == "b=c");
  CHECK(value_of("A=\"b # c\" # comment") == "b # c");
  CHECK(value_of("A='b'") == "b");
  CHECK(value_of("A=\"\"") == "");
  CHECK(value_of("A=\"b\"c\"") == "b\"c");
  CHECK(value_of("A=b#c") == "b#c");
  CHECK(value_of("A=b # c") == "b");
  CHECK(value_of("A=#1") == "#1");
  CHECK(value_of("A= # nothing") == "");
  CHECK(value_of("\xEF\xBB\xBF" "A=b") == "b");
  CHECK(value_of("A=1\nA=2") == "2");
  CHECK(value_of("export=1\nA=2") == "2");
}

TEST_CASE("a line that is no assignment is skipped with a warning that shows nothing of it") {
  auto lines = read_env_lines("# comment\n\nghp_secret\nA=1\n1B=x\nC D=y\nE=\"open", "dir/f.env");
  CHECK(lines.values == variable_map{{"A", "1"}, {"E", "\"open"}});
  REQUIRE(lines.warnings.size() == 4);
  CHECK(to_string(lines.warnings[0])
        == "dir/f.env:3: the line is no assignment and is skipped; write NAME=value, or start it with #");
  CHECK(lines.warnings[1].where == "dir/f.env:5");
  CHECK(lines.warnings[2].where == "dir/f.env:6");
  CHECK(lines.warnings[3].where == "dir/f.env:7");
  CHECK(to_string(lines.warnings[3]).find("open") == std::string::npos);
}

TEST_CASE("the first file that has a name wins") {
  test::temporary_folder home;
  auto first = home.write(".claude-secrets.env", "A=1\nB=1\n");
  auto second = home.write("conf/secrets.env", "B=2\nC=2\n");
  auto third = home.write(".slm-mcp-hub/secrets.env", "C=3\nD=3\n");
  for (auto& file : {first, second, third})
    std::filesystem::permissions(file, std::filesystem::perms{0600});
  auto files = secrets_files(home.path(), home / "conf");
  REQUIRE(files == std::vector<std::filesystem::path>{first, second, third});
  auto result = read_secrets(files);
  CHECK(result.values == variable_map{{"A", "1"}, {"B", "1"}, {"C", "2"}, {"D", "3"}});
  CHECK(result.warnings.empty());
}

TEST_CASE("the default configuration folder is read once") {
  CHECK(secrets_files("/h", "/h/.slm-mcp-hub").size() == 2);
}

TEST_CASE("secrets that others can read are not used, and the warning says what to do") {
  test::temporary_folder home;
  auto file = home.write(".claude-secrets.env", "A=1\n");
  std::filesystem::permissions(file, std::filesystem::perms{0640});
  auto result = read_secrets(secrets_files(home.path(), home.path()));
  CHECK(result.values.empty());
  CHECK(result.withheld == variable_map{{"A", file.string()}});
  REQUIRE(result.warnings.size() == 1);
  CHECK(to_string(result.warnings[0])
        == file.string() + ": holds secrets and others can read it, so none is taken from it; run: chmod 600 '" + file.string() + "'");
}

TEST_CASE("a secrets file that is none is a warning, and a missing one is not") {
  test::temporary_folder home;
  std::filesystem::create_directory(home / ".claude-secrets.env");
  auto result = read_secrets(secrets_files(home.path(), home.path()));
  REQUIRE(result.warnings.size() == 1);
  CHECK(result.warnings[0].cause == "is no regular file");
}

TEST_CASE("the configuration folder comes from the environment, else from the home") {
  test::temporary_folder home;
  CHECK(*config_folder({{"HOME", home.path()}}) == home / ".slm-mcp-hub");
  CHECK(*config_folder({{"HOME", home.path()}, {"SLM_HUB_CONFIG_DIR", "~/x/../y"}}) == home / "y");
  CHECK(*config_folder({{"HOME", home.path()}, {"SLM_HUB_CONFIG_DIR", ""}}) == home / ".slm-mcp-hub");
  auto file = home.write("file", "");
  auto bad = config_folder({{"HOME", home.path()}, {"SLM_HUB_CONFIG_DIR", file}});
  REQUIRE_FALSE(bad);
  CHECK(to_string(bad.errors())
        == "SLM_HUB_CONFIG_DIR: " + file.string() + " is no folder; set SLM_HUB_CONFIG_DIR to a folder");
}
