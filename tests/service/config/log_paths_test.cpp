#include "service/config/log_paths.hpp"

#include <doctest/doctest.h>
#include <set>
#include <string>

using namespace hub;

TEST_CASE("the log of a server has its name") {
  CHECK(server_log("/c", "git") == "/c/logs/git.log");
  CHECK(server_log("/c", "my-git_2") == "/c/logs/my-git_2.log");
  CHECK(server_log("/c", "ü/..") == "/c/logs/%C3%BC%2F%2E%2E.log");
  CHECK(plugin_log("/c", "tool_guard") == "/c/logs/plugin-tool_guard.log");
}

TEST_CASE("no two servers share a log, and none has that of the hub or of a plugin") {
  std::set<std::filesystem::path> seen{"/c/logs/hub.log", "/c/logs/hub.1.log", "/c/logs/hub.log.1", plugin_log("/c", "x")};
  auto count = seen.size();
  std::string long_one(128, '\xBC');
  for (std::string name : {"a.b", "a b", "a_b", "a%20b", "a~b", "A_b", "ünï 中", "___", "hub", "%68ub", "hub.1", "hub.log", "plugin-x",
                           "%70lugin-x", ".", "..", "/", "server"}) {
    seen.insert(server_log("/c", name));
    CHECK(seen.size() == ++count);
  }
  for (char last : {'a', 'b'}) {
    auto path = server_log("/c", long_one + last);
    seen.insert(path);
    CHECK(seen.size() == ++count);
    CHECK(path.filename().string().size() <= 204);
    CHECK(path.parent_path() == "/c/logs");
  }
}
