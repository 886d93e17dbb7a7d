#include "service/config/access_file.hpp"
#include "service/config/config_parser.hpp"
#include "service/config/display.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace hub;

TEST_SUITE_BEGIN("permissions in the configuration");

namespace {

std::string errors_of(const std::string& permissions) {
  auto read = parse_config("{\"permissions\": " + permissions + "}", "c.json");
  return read ? "" : to_string(read.errors());
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("rules are read with their scopes, and shown as they count") {
  auto read = parse_config(R"({"mcpServers": {"github": {"command": "x"}}, "require_token": true, "permissions": {"default": "deny", "rules": [
    {"server": "github", "do": "allow"},
    {"scope": "global", "tool": "delete_*", "do": "deny", "final": true, "reason": "no"},
    {"scope": {"client": "cl*", "role": "ci", "project": "/work/"}, "do": "warn"}]}})", "c.json");
  REQUIRE_MESSAGE(read, to_string(read.errors()));
  CHECK(read->require_token);
  CHECK(read->warnings.empty());
  auto& x = read->permissions;
  CHECK(x.otherwise == permission::deny);
  REQUIRE(x.rules.size() == 3);
  CHECK(describe(x.rules[0]) == "permissions.rules[0] (allow server \"github\")");
  CHECK(describe(x.rules[1]) == "permissions.rules[1] (final deny tool \"delete_*\")");
  CHECK(x.rules[1].reason == "no");
  CHECK(describe(x.rules[2]) == "permissions.rules[2] (warn client \"cl*\" role \"ci\" project \"/work\")");
  auto again = parse_config(render_config_for_display(*read), "shown");
  REQUIRE_MESSAGE(again, to_string(again.errors()));
  CHECK(describe(again->permissions.rules[2]) == describe(x.rules[2]));
  CHECK(again->permissions.otherwise == permission::deny);
}

TEST_CASE("what could make a rule match more than was meant is an error with its line") {
  CHECK(contains(errors_of("[\n{\"servr\": \"github\", \"do\": \"deny\"}]"), "c.json:2:2: permissions[0]: \"servr\" is no part of a rule"));
  CHECK(contains(errors_of(R"([{"server": "", "do": "deny"}])"), "permissions[0].server is empty"));
  CHECK(contains(errors_of(R"([{"server": 1, "do": "deny"}])"), "permissions[0].server is a number"));
  CHECK(contains(errors_of(R"([{"server": "x"}])"), "permissions[0] does not say what to do"));
  CHECK(contains(errors_of(R"([{"do": "forbid"}])"), "permissions[0].do is \"forbid\""));
  CHECK(contains(errors_of(R"([{"do": "allow", "final": true}])"), "is final and does not deny"));
  CHECK(contains(errors_of(R"([{"do": "deny", "final": true, "scope": {"client": "c"}}])"), "is final and is not global"));
  CHECK(contains(errors_of(R"([{"do": "deny", "scope": "all"}])"), "permissions[0].scope is a string, not \"global\" or an object"));
  CHECK(contains(errors_of(R"([{"do": "deny", "scope": {"user": "x"}}])"), "\"user\" is no part of a rule"));
  CHECK(contains(errors_of(R"([{"do": "deny", "scope": {"project": "shop"}}])"), "is no absolute path"));
  CHECK(contains(errors_of(R"({"default": "maybe"})"), "permissions.default is \"maybe\""));
  CHECK(contains(errors_of(R"({"rule": []})"), "\"rule\" is no part of it"));
  CHECK(contains(errors_of("3"), "permissions is a number, not an array of rules"));
}

TEST_CASE("tokens are kept by their hash in a file for the user alone") {
  test::scratch_folder folder;
  auto file = access_file_in(folder.at(""));
  CHECK(read_tokens(file)->empty());
  auto made = make_token("laptop", "user", 100, 50);
  CHECK(made.text.starts_with("slmhub_"));
  CHECK(made.text.size() == 7 + 64);
  CHECK(made.text != make_token("laptop", "user", 100, 50).text);
  CHECK_FALSE(write_tokens(file, {made.kept}));
  std::ifstream in{file};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  CHECK_FALSE(contains(text, made.text.substr(7)));
  auto read = read_tokens(file);
  REQUIRE_MESSAGE(read, to_string(read.errors()));
  REQUIRE(read->size() == 1);
  CHECK(read->front().name == "laptop");
  CHECK(read->front().expires_at == 150);
  CHECK(read->front().sha256 == made.kept.sha256);
  using std::filesystem::perms;
  CHECK(std::filesystem::status(file).permissions() == (perms::owner_read | perms::owner_write));
  std::filesystem::permissions(file, perms::owner_all | perms::group_read);
  auto open = read_tokens(file);
  REQUIRE_FALSE(open);
  CHECK(contains(to_string(open.errors()), "chmod 600"));
}

TEST_CASE("a broken file of tokens lets nobody in") {
  test::scratch_folder folder;
  auto file = access_file_in(folder.at(""));
  for (std::string text : {"", "{", "[]", "{\"tokens\": [{}]}", "{\"tokens\": [{\"id\":\"a\",\"name\":\"b\",\"role\":\"c\",\"sha256\":\"d\"}]}"}) {
    std::ofstream{file} << text;
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    CHECK_FALSE(read_tokens(file));
  }
}

TEST_CASE("names and roles of tokens are words, also in a file that somebody else wrote") {
  test::scratch_folder folder;
  auto file = access_file_in(folder.at(""));
  for (auto& [name, role] : {std::pair{"a\nb", "user"}, std::pair{"laptop", "\x1b[2J"}}) {
    CHECK_FALSE(write_tokens(file, {make_token(name, role, 100, 50).kept}));
    auto read = read_tokens(file);
    REQUIRE_FALSE(read);
    CHECK(contains(to_string(read.errors()), "use 1 to 64 letters"));
  }
}
