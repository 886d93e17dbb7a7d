#include "service/import/client_import.hpp"

#include "service/config/config_parser.hpp"
#include "tests/service/config/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace hub;
namespace fs = std::filesystem;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;
using list = std::vector<std::string>;

/// A user with the files of some clients.
struct user {
  test::temporary_folder home;
  client_folders folders{{}, home.path().string(), {}, platform::gnu_linux};

  /// Puts a file of `tests/service/import/data` where a client has it.
  fs::path install(const std::string& data, const std::string& path) {
    auto from = fs::path{HUB_SOURCE_DIR} / "tests/service/import/data" / data;
    auto text = test::text_of(from);
    REQUIRE_FALSE(text.empty());
    return home.write(path, text);
  }

  import_result import() {
    return import_from_clients(folders, 52414);
  }
};

list names_of(const import_result& found) {
  list result;
  for (auto& x : found.servers)
    result.push_back(x.server.name);
  return result;
}

const imported_server& get(const import_result& found, const std::string& name) {
  auto i = std::find_if(found.servers.begin(), found.servers.end(),
                        [&](auto& x) { return x.server.name == name; });
  REQUIRE_MESSAGE(i != found.servers.end(), name);
  return *i;
}

/// The notes about `server`, one per line.
std::string notes_on(const import_result& found, const std::string& server) {
  std::string result;
  for (auto& note : found.notes)
    if (note.server == server || note.cause.find("\"" + server + "\"") != std::string::npos)
      result += to_string(note) + "\n";
  return result;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("Claude Code: servers of the user and of projects are taken") {
  user u;
  auto file = u.install("claude.json", ".claude.json");
  auto found = u.import();
  CHECK(names_of(found) == list{"github", "docs", "shop-db"});
  auto& github = get(found, "github");
  CHECK(github.client == "claude-code");
  CHECK(github.path == file);
  CHECK(github.server.origin == file.string() + ":4");
  CHECK(github.server.env == pairs{{"GITHUB_PERSONAL_ACCESS_TOKEN", "${GITHUB_TOKEN}"}});
  CHECK(get(found, "docs").server.headers == pairs{{"Authorization", "Bearer ${DOCS_TOKEN:-none}"}});
  CHECK(get(found, "shop-db").server.cwd == "/home/u/shop");
  CHECK(contains(notes_on(found, "hub"), "leads to the hub itself and is left out"));
  CHECK(contains(notes_on(found, "broken"), "has neither command nor url, so it is not taken"));
  CHECK(contains(notes_on(found, "broken"), file.string() + ":16:"));
  REQUIRE(found.files.size() == 1);
  CHECK(found.files[0].servers == 4);
}

TEST_CASE("Claude Code: its own folder counts") {
  user u;
  u.install("claude.json", "elsewhere/.claude.json");
  u.folders.environment["CLAUDE_CONFIG_DIR"] = "~/elsewhere";
  CHECK(u.import().servers.size() == 3);
}

TEST_CASE("Claude Desktop: servers are taken, a bridge to the hub is not") {
  user u;
  u.install("claude_desktop_config.json", ".config/Claude/claude_desktop_config.json");
  auto found = u.import();
  CHECK(names_of(found) == list{"filesystem"});
  CHECK(get(found, "filesystem").server.args.back() == "/home/u/Documents");
  CHECK(contains(notes_on(found, "bridge"), "leads to the hub itself"));
}

TEST_CASE("VS Code: both kinds of files are read") {
  user u;
  u.install("vscode_mcp.json", ".config/Code/User/mcp.json");
  u.install("vscode_settings.json", ".config/Code/User/settings.json");
  auto found = u.import();
  CHECK(names_of(found) == list{"playwright", "search", "old", "flat", "nested"});
  CHECK(get(found, "playwright").server.env_file == "${userHome}/.env");
  CHECK(get(found, "old").server.transport == transport_kind::sse);
  CHECK(get(found, "search").server.headers == pairs{{"X-Key", "${input:api-key}"}});
  CHECK(contains(notes_on(found, "search"), "headers has ${input:api-key}, which only an editor can ask"));
  CHECK(get(found, "nested").server.env == pairs{{"PORT", "8080"}});
  CHECK(contains(notes_on(found, "nested"), "has no value for the variable DEBUG"));
}

TEST_CASE("Cursor and Claude Code: a different server of one name gets another name") {
  user u;
  u.install("claude.json", ".claude.json");
  u.install("cursor_mcp.json", ".cursor/mcp.json");
  auto found = u.import();
  CHECK(names_of(found) == list{"github", "docs", "shop-db", "github-cursor", "linear"});
  CHECK(get(found, "github-cursor").server.command == "docker");
  CHECK(contains(notes_on(found, "github"), "so it is called github-cursor"));
  CHECK_FALSE(get(found, "linear").server.enabled);
  CHECK(contains(get(found, "linear").entry, "\"disabled\": true"));
}

TEST_CASE("Windsurf: its key for addresses is understood and its limits are said") {
  user u;
  u.install("windsurf_mcp_config.json", ".codeium/windsurf/mcp_config.json");
  auto found = u.import();
  auto& figma = get(found, "figma");
  CHECK(figma.server.url == "https://figma.example.org/mcp");
  CHECK(figma.server.transport == transport_kind::streamable_http);
  CHECK_FALSE(contains(figma.entry, "serverUrl"));
  CHECK(contains(notes_on(found, "memory"), "limits its tools by disabledTools"));
}

TEST_CASE("Codex: names of variables become placeholders") {
  user u;
  auto file = u.install("codex_config.toml", ".codex/config.toml");
  auto found = u.import();
  auto& local = get(found, "context7").server;
  CHECK(local.command == "npx");
  CHECK(local.timeout() == std::chrono::milliseconds{90'500});
  CHECK(local.env == pairs{{"LEVEL", "info"}, {"HTTP_TOKEN", "${HTTP_TOKEN}"}});
  CHECK(local.origin == file.string() + ":4");
  CHECK(contains(notes_on(found, "context7"), file.string() + ":8:23: Codex: server \"context7\" has its own start time limit"));
  auto& remote = get(found, "remote").server;
  CHECK(remote.headers == pairs{{"X-Region", "eu"}, {"Authorization", "Bearer ${REMOTE_TOKEN}"}, {"X-Org", "${ORG_ID}"}});
  CHECK_FALSE(remote.enabled);
}

TEST_CASE("Codex: its own folder counts") {
  user u;
  u.install("codex_config.toml", "x/config.toml");
  u.folders.environment["CODEX_HOME"] = (u.home / "x").string();
  CHECK(u.import().servers.size() == 2);
}

TEST_CASE("Gemini CLI: milliseconds, bare variables and its two kinds of addresses") {
  user u;
  u.install("gemini_settings.json", ".gemini/settings.json");
  auto found = u.import();
  CHECK(names_of(found) == list{"py", "stream", "events"});
  auto& py = get(found, "py").server;
  CHECK(py.args.back() == "${MODE}");
  CHECK(py.env == pairs{{"KEY", "${API_KEY}"}, {"URL", "${BASE}"}});
  CHECK(py.timeout() == std::chrono::seconds{15});
  CHECK(py.cwd == u.home / "tools");
  CHECK(contains(get(found, "py").entry, "\"trust\": true"));
  CHECK(contains(notes_on(found, "py"), "limits its tools by includeTools"));
  CHECK(get(found, "stream").server.transport == transport_kind::streamable_http);
  CHECK(get(found, "events").server.transport == transport_kind::sse);
}

TEST_CASE("Zed: both forms of a command, and extensions are said to stay") {
  user u;
  u.install("zed_settings.json", ".config/zed/settings.json");
  auto found = u.import();
  CHECK(names_of(found) == list{"flat", "older", "remote"});
  CHECK(get(found, "older").server.command == "older");
  CHECK(get(found, "older").server.args == list{"x", "y"});
  CHECK(contains(notes_on(found, "extension"), "is an extension of Zed"));
}

TEST_CASE("opencode: the command as one array and its placeholders") {
  user u;
  u.install("opencode.jsonc", ".config/opencode/opencode.jsonc");
  auto found = u.import();
  auto& local = get(found, "everything");
  CHECK(local.server.command == "npx");
  CHECK(local.server.args == list{"-y", "@modelcontextprotocol/server-everything"});
  CHECK(local.server.env == pairs{{"KEY", "${MY_KEY}"}});
  CHECK(local.server.timeout().count() == 0);
  CHECK(contains(local.entry, "\"command\": \"npx\""));
  CHECK_FALSE(get(found, "sentry").server.enabled);
  CHECK(get(found, "sentry").server.headers == pairs{{"Authorization", "Bearer ${SENTRY}"}});
  CHECK(get(found, "filed").server.headers
        == pairs{{"X", "${file:~/.key}"}, {"Y", "${file:" + (u.home / ".config/opencode/key").string() + "}"}});
}

TEST_CASE("Goose: its own parts are left to it, keys of its keyring become placeholders") {
  user u;
  auto file = u.install("goose_config.yaml", ".config/goose/config.yaml");
  auto found = u.import();
  CHECK(names_of(found) == list{"fetch", "stream"});
  auto& fetch = get(found, "fetch").server;
  CHECK(fetch.command == "uvx");
  CHECK(fetch.timeout() == std::chrono::seconds{300});
  CHECK(fetch.env == pairs{{"LEVEL", "1"}, {"PORT", "8080"}, {"FLAG", "true"}, {"FETCH_TOKEN", "${FETCH_TOKEN}"}});
  CHECK(fetch.origin == file.string() + ":8");
  CHECK(contains(notes_on(found, "developer"), "is a part of Goose (builtin)"));
  CHECK(contains(notes_on(found, "fetch"), "takes FETCH_TOKEN from the keyring of Goose"));
  CHECK(get(found, "stream").server.url == "https://goose.example.org/mcp");
  CHECK_FALSE(get(found, "stream").server.enabled);
}

TEST_CASE("Continue: a list with names, and its secrets become placeholders") {
  user u;
  u.install("continue_config.yaml", ".continue/config.yaml");
  u.home.write(".continue/mcpServers/one.yaml", "mcpServers:\n  - {name: one, command: x}\n");
  auto found = u.import();
  CHECK(names_of(found) == list{"sqlite", "streamed", "one"});
  CHECK(get(found, "sqlite").server.env == pairs{{"KEY", "${SQLITE_KEY}"}});
  CHECK(get(found, "streamed").server.headers == pairs{{"Authorization", "Bearer ${CONT}"}});
  CHECK(std::any_of(found.notes.begin(), found.notes.end(),
                    [](auto& x) { return contains(to_string(x), "is an entry without a name"); }));
}

TEST_CASE("files of a project count only when it is named") {
  user u;
  u.install("project_mcp.json", "work/.mcp.json");
  CHECK(u.import().servers.empty());
  u.folders.project = u.home / "work";
  auto found = u.import();
  CHECK(names_of(found) == list{"local", "global"});
  CHECK(get(found, "local").server.cwd == u.home / "work");
  CHECK(get(found, "global").server.cwd == "");
}

TEST_CASE("the paths of a Mac are looked at on a Mac") {
  user u;
  u.install("claude_desktop_config.json", "Library/Application Support/Claude/claude_desktop_config.json");
  u.install("vscode_mcp.json", "Library/Application Support/Code/User/mcp.json");
  CHECK(u.import().servers.empty());
  u.folders.system = platform::mac;
  CHECK(u.import().servers.size() == 4);
}

TEST_CASE("one broken file is said with its line and stops no other") {
  user u;
  auto broken = u.home.write(".claude.json", "{\n  \"mcpServers\": {\n");
  auto toml = u.home.write(".codex/config.toml", "a = 1\nb = = 2\n");
  auto yaml = u.home.write(".config/goose/config.yaml", "extensions:\n  a: [1\n");
  fs::create_directories(u.home / ".config/zed/settings.json");
  u.install("cursor_mcp.json", ".cursor/mcp.json");
  auto found = u.import();
  CHECK(found.servers.size() == 2);
  REQUIRE(found.notes.size() == 4);
  CHECK(found.notes[0].where.find(broken.string() + ":3:") == 0);
  CHECK(found.notes[1].where.find(toml.string() + ":2:") == 0);
  CHECK(found.notes[2].cause == "is no regular file, so it is not taken");
  CHECK(found.notes[3].where.find(yaml.string() + ":") == 0);
  CHECK(contains(found.notes[3].cause, "this is not YAML"));
}

TEST_CASE("a file that cannot be read is said") {
  user u;
  fs::create_directory(u.home / ".cursor");
  fs::create_symlink("mcp.json", u.home / ".cursor/mcp.json");
  auto found = u.import();
  REQUIRE(found.notes.size() == 1);
  CHECK(contains(to_string(found.notes[0]), "Cursor: cannot be read: Too many levels of symbolic links"));
}

TEST_CASE("a single file of any client is recognized by what it holds") {
  user u;
  auto size_of = [&](const char* data, const char* name) {
    return read_client_file(u.install(data, name), u.folders, 52414).servers.size();
  };
  CHECK(size_of("claude.json", "a") == 3);
  CHECK(size_of("claude_desktop_config.json", "b") == 1);
  CHECK(size_of("vscode_mcp.json", "c.txt") == 3);
  CHECK(size_of("vscode_settings.json", "d") == 2);
  CHECK(size_of("codex_config.toml", "e") == 2);
  CHECK(size_of("gemini_settings.json", "f") == 3);
  CHECK(size_of("zed_settings.json", "g") == 3);
  CHECK(size_of("opencode.jsonc", "h") == 3);
  CHECK(size_of("goose_config.yaml", "i") == 2);
  CHECK(size_of("continue_config.yaml", "j") == 2);
  CHECK(size_of("windsurf_mcp_config.json", "k") == 2);
}

TEST_CASE("a single file is recognized by its path, too") {
  user u;
  auto file = u.home.write("backup/.gemini/settings.json", R"({"mcpServers": {"a": {"url": "http://x/sse"}}})");
  auto found = read_client_file(file, u.folders, 52414);
  CHECK(get(found, "a").server.transport == transport_kind::sse);
  CHECK(get(found, "a").client == "gemini");
  auto project = u.home.write("shop/.vscode/mcp.json", R"({"servers": {"b": {"command": "./b"}}})");
  CHECK(get(read_client_file(project, u.folders, 52414), "b").server.cwd == u.home / "shop");
}

TEST_CASE("a file that holds no servers is said") {
  user u;
  auto note_of = [&](const char* text) {
    auto found = read_client_file(u.home.write("file", text), u.folders, 52414);
    REQUIRE(found.notes.size() == 1);
    return to_string(found.notes[0]);
  };
  CHECK(contains(note_of("{\"a\": 1}"), "has no list of MCP servers under any key"));
  CHECK(contains(note_of("just text"), "file:1:1: this is no JSON value"));
  CHECK(contains(note_of("{\"mcpServers\": 5}"), "file:1:16: is a number where servers should be"));
  CHECK(contains(note_of("{\"mcpServers\": {\"a\": 5}}"), "server \"a\" is a number, not an object"));
  auto missing = read_client_file(u.home / "missing", u.folders, 52414);
  REQUIRE(missing.notes.size() == 1);
  CHECK(contains(to_string(missing.notes[0]), "No such file"));
}

TEST_CASE("the entry that is written is the server that was read") {
  user u;
  u.install("claude.json", ".claude.json");
  u.install("vscode_mcp.json", ".config/Code/User/mcp.json");
  u.install("codex_config.toml", ".codex/config.toml");
  u.install("gemini_settings.json", ".gemini/settings.json");
  u.install("zed_settings.json", ".config/zed/settings.json");
  u.install("opencode.jsonc", ".config/opencode/opencode.jsonc");
  u.install("goose_config.yaml", ".config/goose/config.yaml");
  u.install("continue_config.yaml", ".continue/config.yaml");
  auto found = u.import();
  auto text = add_servers("", "c.json", servers_to_add(found, {}));
  REQUIRE_MESSAGE(text, to_string(text.errors()));
  auto config = parse_config(*text, "c.json");
  REQUIRE_MESSAGE(config, to_string(config.errors()));
  REQUIRE(config->servers.size() == found.servers.size());
  CHECK(config->servers.size() == 21);
  for (size_t i = 0; i < found.servers.size(); ++i) {
    CHECK(config->servers[i].name == found.servers[i].server.name);
    CHECK(config->servers[i].fingerprint == found.servers[i].server.fingerprint);
    CHECK(config->servers[i].enabled == found.servers[i].server.enabled);
    CHECK(config->servers[i].timeout() == found.servers[i].server.timeout());
  }
}

TEST_CASE("a time limit of more than an hour is taken as milliseconds and said") {
  user u;
  u.home.write(".cursor/mcp.json", R"({"mcpServers": {
    "a": {"command": "x", "timeout": 60000}, "b": {"command": "x", "timeout": 60}}})");
  auto found = u.import();
  CHECK(get(found, "a").server.timeout() == std::chrono::seconds{60});
  CHECK(contains(notes_on(found, "a"), "has the timeout 60000, which is taken as milliseconds"));
  CHECK(get(found, "b").server.timeout() == std::chrono::seconds{60});
  CHECK(notes_on(found, "b").empty());
}

TEST_CASE("importing again adds nothing, and what was edited stays") {
  user u;
  u.install("cursor_mcp.json", ".cursor/mcp.json");
  auto found = u.import();
  auto config = parse_config(*add_servers("", "c.json", servers_to_add(found, {})), "c.json");
  REQUIRE(config);
  CHECK(servers_to_add(found, config->servers).empty());
  CHECK(found.notes.empty());
  config->servers[0].fingerprint = "edited";
  CHECK(servers_to_add(found, config->servers).empty());
  REQUIRE(found.notes.size() == 1);
  CHECK(contains(to_string(found.notes[0]), "is not the same as in your configuration (c.json:"));
}

TEST_CASE("no note holds a value of a variable or header") {
  user u;
  u.home.write(".cursor/mcp.json", R"({"mcpServers": {
    "a": {"command": "x", "env": {"K": "s3cret ${input:i:-s3cret}"}, "timeout": "s"},
    "b": {"url": "http://x", "headers": {"K": "s3cret\n"}},
    "c": {"command": "x", "env": {"K": ["s3cret"]}}}})");
  auto found = u.import();
  CHECK(found.notes.size() >= 3);
  for (auto& note : found.notes)
    CHECK_FALSE(contains(to_string(note), "s3cret"));
}
