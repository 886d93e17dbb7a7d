#include "service/config/config_file.hpp"

#include "service/config/config_parser.hpp"
#include "service/config/stored_file.hpp"
#include "tests/service/config/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

using namespace hub;
namespace fs = std::filesystem;

namespace {

fs::perms mode_of(const fs::path& path) {
  return fs::status(path).permissions();
}

size_t files_in(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator{folder}, fs::directory_iterator{}));
}

} // namespace

TEST_CASE("a file is written for its owner alone, with the folders that it needs") {
  test::temporary_folder folder;
  auto file = folder / "a/b/config.json";
  CHECK_FALSE(write_stored(file, "one"));
  CHECK(test::text_of(file) == "one");
  CHECK(mode_of(file) == fs::perms{0600});
  CHECK(mode_of(folder / "a") == fs::perms{0700});
  CHECK(mode_of(folder / "a/b") == fs::perms{0700});
  CHECK_FALSE(write_stored(file, "two"));
  CHECK(test::text_of(file) == "two");
  CHECK(files_in(folder / "a/b") == 1);
}

TEST_CASE("a file that was open to all is closed by writing it") {
  test::temporary_folder folder;
  auto file = folder.write("c", "old");
  fs::permissions(file, fs::perms{0644});
  CHECK(read_stored(file)->open_to_others);
  CHECK_FALSE(write_stored(file, "new"));
  CHECK_FALSE(read_stored(file)->open_to_others);
}

TEST_CASE("a link stays a link and its target is written") {
  test::temporary_folder folder;
  auto target = folder.write("dotfiles/config.json", "old");
  auto link = folder / "config.json";
  fs::create_symlink("dotfiles/config.json", link);
  CHECK_FALSE(write_stored(link, "new"));
  CHECK(fs::is_symlink(link));
  CHECK(test::text_of(target) == "new");
}

TEST_CASE("what cannot be written is said and leaves nothing behind") {
  test::temporary_folder folder;
  auto file = folder.write("file", "x");
  auto error = write_stored(file / "below", "y");
  REQUIRE(error);
  CHECK(error->cause.find("cannot be written") == 0);
  fs::create_directory(folder / "taken");
  folder.write("taken/full", "");
  error = write_stored(folder / "taken", "y");
  REQUIRE(error);
  CHECK(files_in(folder.path()) == 2);
}

TEST_CASE("what is no text file is not read") {
  test::temporary_folder folder;
  CHECK(read_stored(folder / "missing").errors()[0].cause == "cannot be read: No such file or directory");
  CHECK(read_stored(folder.path()).errors()[0].cause == "is no regular file");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(read_stored(folder / "pipe").errors()[0].cause == "is no regular file");
  auto file = folder.write("large", std::string(101, 'x'));
  CHECK(read_stored(file, 100).errors()[0].cause == "is larger than 100 bytes");
  CHECK(read_stored(file, 101)->text.size() == 101);
}

TEST_CASE("a configuration that is not there is the defaults") {
  test::temporary_folder folder;
  auto config = load_config(config_file_in(folder.path()));
  REQUIRE(config);
  CHECK(config->port == 52414);
}

TEST_CASE("a file that others may read is warned of when it holds a secret, with the fix") {
  test::temporary_folder folder;
  auto load = [&](const char* servers, unsigned mode) {
    auto file = folder.write("config.json", std::string{"{\"mcpServers\": {"} + servers + "}}");
    std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
    auto config = load_config(file);
    REQUIRE(config);
    return config->warnings;
  };
  auto warnings = load(R"("a": {"command": "x", "env": {"MY_TOKEN": "hunter2-and-more"}})", 0644);
  REQUIRE(warnings.size() == 1);
  CHECK(to_string(warnings[0]).find("env.MY_TOKEN") != std::string::npos);
  CHECK(to_string(warnings[0]).find("hunter2") == std::string::npos);
  CHECK(warnings[0].fix.starts_with("run: chmod 600 "));
  CHECK(load(R"("a": {"command": "x", "env": {"MY_TOKEN": "hunter2-and-more"}})", 0600).empty());
  CHECK(load(R"("a": {"command": "x", "env": {"MY_TOKEN": "${MY_TOKEN}", "MODE": "production"}})", 0644).empty());
  CHECK(load(R"("a": {"url": "http://x/", "headers": {"Authorization": "Bearer ${T}"}})", 0644).empty());
  CHECK(load(R"("a": {"url": "http://x/", "headers": {"Authorization": "Bearer abcdef0123"}})", 0644).size() == 1);
}

TEST_CASE("the errors of a configuration name its file") {
  test::temporary_folder folder;
  auto file = folder.write("config.json", "{\n\"port\": true}");
  auto config = load_config(file);
  REQUIRE_FALSE(config);
  CHECK(config.errors()[0].where == file.string() + ":2:9");
}

TEST_CASE("the first configuration says the defaults and is valid") {
  test::temporary_folder folder;
  auto file = folder / "new/config.json";
  CHECK_FALSE(init_config(file));
  CHECK(mode_of(file) == fs::perms{0600});
  auto config = load_config(file);
  REQUIRE_MESSAGE(config, to_string(config.errors()));
  hub_config defaults;
  CHECK(config->warnings.empty());
  CHECK(config->servers.empty());
  CHECK(config->host == defaults.host);
  CHECK(config->port == defaults.port);
  CHECK(config->log_level == defaults.log_level);
  CHECK(config->session_timeout == defaults.session_timeout);
  CHECK(config->max_sessions == defaults.max_sessions);
  CHECK(config->idle_shutdown == defaults.idle_shutdown);
  CHECK(config->request_timeout == defaults.request_timeout);
  CHECK(config->learn_unknown == defaults.learn_unknown);
  CHECK(config->max_concurrent_starts == defaults.max_concurrent_starts);
  CHECK(config->search_token_budget == defaults.search_token_budget);
  CHECK(config->cors_origins == defaults.cors_origins);
}

TEST_CASE("the first configuration never replaces one") {
  test::temporary_folder folder;
  auto file = folder.write("config.json", "mine");
  auto error = init_config(file);
  REQUIRE(error);
  CHECK(error->cause == "is already there");
  CHECK(test::text_of(file) == "mine");
  CHECK(files_in(folder.path()) == 1);
}
