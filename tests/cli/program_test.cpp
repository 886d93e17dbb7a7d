#include "cli/program.hpp"

#include "cli/commands.hpp"
#include "tests/cli/hub_socket.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <fstream>
#include <sstream>

using namespace hub;
using namespace hub::cli;

namespace {

/// The program with a configuration folder, a home and streams of its own.
struct program {
  test::scratch_folder folder;
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  console io{in, out, err};
  variable_map environment{{"SLM_HUB_CONFIG_DIR", folder.path().string()}, {"HOME", folder.path().string()}};

  exit_code run(const std::vector<std::string>& words) {
    out.str({});
    err.str({});
    return cli::run(words, io, environment);
  }

  bool said(const std::string& text) const {
    return err.str().find(text) != std::string::npos;
  }

  bool printed(const std::string& text) const {
    return out.str().find(text) != std::string::npos;
  }
};

/// A hub that answers each path with a fixed body, and others with 404.
test::hub_socket::handler paths(std::map<std::string, std::string> bodies) {
  return [bodies = std::move(bodies)](const test::seen_request& request) {
    auto found = bodies.find(request.method + ' ' + request.target);
    test::scripted_answer answer;
    if (found == bodies.end()) {
      answer.status = 404;
      answer.chunks = {R"({"error":"there is no such server","fix":"see slm-hub servers"})"};
    } else {
      answer.chunks = {found->second};
    }
    return answer;
  };
}

constexpr const char* status_body = R"({"state":"running","version":"0.1.0","pid":42,"uptime_seconds":7500,
  "endpoint":"http://127.0.0.1:52414/mcp","config_file":"/c/config.json","starts_running":1,"starts_queued":2,
  "calls":{"in_flight":3,"answered":120,"failed":2,"cancelled":1},
  "sessions":[{"id":"a","client_name":"claude-code","client_version":"2.1","idle_seconds":70},
              {"id":"b","client_name":"claude-code","client_version":"2.1","idle_seconds":3}],
  "servers":[{"name":"git","state":"ready","pid":77,"tools":12,"calls":5,"errors":0,"p95_ms":1.25,"resident_bytes":14200000},
             {"name":"mail","state":"backing_off","tools":3,"calls":1,"errors":1,"last_error":"exited with 1",
              "fix":"set MAIL_TOKEN","last_stderr":["no \u001b[31mtoken"],"next_try_ms":3200}]})";

} // namespace

TEST_CASE_FIXTURE(program, "what makes no sense is a usage error") {
  CHECK(run({"nonsense"}) == exit_code::usage);
  CHECK(said("there is no command 'nonsense'"));
  CHECK(run({"config", "shw"}) == exit_code::usage);
  CHECK(said("there is no command 'config shw'"));
  CHECK(run({}) == exit_code::usage);
  CHECK(said("--help"));
  CHECK(run({"call"}) == exit_code::usage);
  CHECK(run({"start", "--port", "70000"}) == exit_code::usage);
  CHECK(run({"start", "--port", "http"}) == exit_code::usage);
  CHECK(run({"start", "--log-level", "loud"}) == exit_code::usage);
  CHECK(run({"search", "x", "--limit", "0"}) == exit_code::usage);
  CHECK(run({"config"}) == exit_code::usage);
  CHECK(run({"logs", "x", "-n", "-3"}) == exit_code::usage);
  CHECK(run({"call", "x", "--timeout", "0"}) == exit_code::usage);
  CHECK(run({"call", "x", "word"}) == exit_code::usage);
  CHECK(run({"call", "x", "a=1", "--args", "{}"}) == exit_code::usage);
  CHECK(out.str().empty());
}

TEST_CASE_FIXTURE(program, "every command has a help with its options") {
  CHECK(run({"--help"}) == exit_code::ok);
  for (auto* command : {"start", "stop", "status", "config", "setup", "servers", "tools", "search", "call", "logs", "restart", "service",
                        "version"}) {
    CAPTURE(command);
    CHECK(printed(std::string{"  "} + command + ' '));
  }
  CHECK(printed("Exit codes"));
  CHECK(run({"call", "--help"}) == exit_code::ok);
  CHECK(printed("--timeout"));
  CHECK(printed("demo__convert_units"));
  CHECK(run({"config", "import", "--help"}) == exit_code::ok);
  CHECK(printed("--dry-run"));
}

TEST_CASE_FIXTURE(program, "without a hub each command says how to start it") {
  for (auto& words : std::vector<std::vector<std::string>>{{"status"}, {"stop"}, {"servers"}, {"tools"}, {"search", "x"},
                                                           {"call", "x"}, {"logs", "x"}, {"restart", "x"}, {"restart"}}) {
    CAPTURE(words[0]);
    CHECK(run(words) == exit_code::error);
    CHECK(err.str() == "slm-hub: slm-hub is not running (no hub answers on " + (folder.path() / "hub.sock").string()
                         + "). Start it with: slm-hub start\n");
  }
}

TEST_CASE_FIXTURE(program, "a socket that nobody serves any more is a hub that does not run") {
  { test::hub_socket gone{folder.path(), paths({})}; }
  CHECK(run({"status"}) == exit_code::error);
  CHECK(said("not running"));
}

TEST_CASE_FIXTURE(program, "the folder on the command line wins over the environment") {
  test::scratch_folder other;
  test::hub_socket hub{other.path(), paths({{"GET /api/servers", R"({"servers":[]})"}})};
  CHECK(run({"servers", "--config-dir", other.path().string()}) == exit_code::ok);
  CHECK(run({"--config-dir", other.path().string(), "servers"}) == exit_code::ok);
  CHECK(printed("setup import"));
}

TEST_CASE_FIXTURE(program, "start passes on what it was given and nothing else") {
  command_context context{io, environment};
  auto words = daemon_command(context, {});
  CHECK(std::filesystem::path{words[0]}.filename() == "slm-hubd");
  CHECK(std::vector<std::string>{words.begin() + 1, words.end()}
        == std::vector<std::string>{"--config-dir", folder.path().string()});
  words = daemon_command(context, {"::1", 0, "debug"});
  CHECK(std::vector<std::string>{words.begin() + 3, words.end()}
        == std::vector<std::string>{"--host", "::1", "--port", "0", "--log-level", "debug"});
}

TEST_CASE_FIXTURE(program, "status shows the hub, its clients and its servers") {
  test::hub_socket hub{folder.path(), paths({{"GET /api/status", status_body}})};
  CHECK(run({"status"}) == exit_code::ok);
  CHECK(out.str() == R"(slm-hub 0.1.0 is running (process 42), up 2 h 5 min
  endpoint  http://127.0.0.1:52414/mcp
  config    /c/config.json
  calls     3 in flight, 120 answered, 2 failed, 1 cancelled
  starts    1 running, 2 waiting
  clients   claude-code 2.1, 2 sessions, last heard of 3 s ago

SERVER  STATE        PID  TOOLS  CALLS  ERRORS     P95  MEMORY  NEXT TRY
git     ready         77     12      5       -  1.2 ms   14 MB
mail    backing off    -      3      1       1       -       -  in 4 s

mail: exited with 1 (next try in 4 s)
  fix: set MAIL_TOKEN
  | no ?[31mtoken
)");
  CHECK(run({"status", "--json"}) == exit_code::ok);
  CHECK(out.str() == std::string{status_body} + '\n');
}

TEST_CASE_FIXTURE(program, "servers and tools are tables or the hub's JSON") {
  auto tools = std::string{R"({"tools":[{"name":"git__log","server":"git","tool":"log","description":"Shows\ncommits"},)"
                           R"({"name":"git__diff","title":"Diff"}]})"};
  test::hub_socket hub{
    folder.path(),
    paths({{"GET /api/servers", R"({"servers":[{"name":"git","state":"known","transport":"stdio","tools":2}]})"},
           {"GET /api/tools", tools},
           {"GET /api/tools?server=a%20b%2Fc", R"({"tools":[]})"}})};
  CHECK(run({"servers"}) == exit_code::ok);
  CHECK(out.str() == "SERVER  STATE  TRANSPORT  TOOLS  RESOURCES  PROMPTS  LAST ERROR\n"
                     "git     known  stdio          2          0        0\n");
  CHECK(run({"tools"}) == exit_code::ok);
  CHECK(out.str() == "TOOL       DESCRIPTION\ngit__log   Shows commits\ngit__diff  Diff\n");
  CHECK(run({"tools", "--json"}) == exit_code::ok);
  CHECK(out.str() == tools + '\n');
  CHECK(run({"tools", "--server", "a b/c"}) == exit_code::ok);
  CHECK(printed("No tools are known of a b/c"));
}

TEST_CASE_FIXTURE(program, "what the hub refuses is told with its fix") {
  test::hub_socket hub{folder.path(), paths({})};
  CHECK(run({"restart", "x"}) == exit_code::error);
  CHECK(err.str() == "slm-hub: there is no such server; see slm-hub servers\n");
  CHECK(run({"logs", "x"}) == exit_code::error);
  CHECK(said("there is no such server"));
}

TEST_CASE_FIXTURE(program, "restart says what became of it") {
  test::hub_socket hub{folder.path(), [](const test::seen_request& request) {
                         auto fine = request.target == "/api/servers/a/restart";
                         test::scripted_answer answer;
                         answer.status = fine ? 200 : 409;
                         answer.chunks = {fine ? R"({"ok":true,"message":"a restarts"})"
                                               : R"({"ok":false,"message":"b is disabled; enable it"})"};
                         return answer;
                       }};
  CHECK(run({"restart", "a"}) == exit_code::ok);
  CHECK(out.str() == "a restarts\n");
  CHECK(run({"restart", "b"}) == exit_code::error);
  CHECK(err.str() == "slm-hub: b is disabled; enable it\n");
}

TEST_CASE_FIXTURE(program, "logs prints the end of the file that the hub names") {
  auto path = folder.path() / "git.log";
  std::ofstream{path} << "one\ntwo\nthree\n";
  test::hub_socket hub{folder.path(), paths({{"GET /api/servers/git", R"({"name":"git","log":")" + path.string() + "\"}"}})};
  CHECK(run({"logs", "-n", "2", "git"}) == exit_code::ok);
  CHECK(out.str() == "two\nthree\n");
}

TEST_CASE_FIXTURE(program, "logs are read without a hub, and it is said that none runs") {
  CHECK(run({"logs", "git"}) == exit_code::error);
  CHECK(said("slm-hub is not running"));
  std::filesystem::create_directory(folder.path() / "logs");
  std::ofstream{folder.path() / "logs" / "my%20git.log"} << "one\ntwo\n";
  CHECK(run({"logs", "-n", "1", "my git"}) == exit_code::ok);
  CHECK(out.str() == "two\n");
  CHECK(said("slm-hub is not running; this is what is in "));
  std::ofstream{folder.path() / "logs" / "plugin-guard.log"} << "three\n";
  CHECK(run({"plugins", "logs", "guard"}) == exit_code::ok);
  CHECK(out.str() == "three\n");
  CHECK(run({"plugins", "logs", "other"}) == exit_code::error);
}

TEST_CASE_FIXTURE(program, "a plugin that there is not is neither enabled nor disabled") {
  std::ofstream{folder.path() / "config.json"} << R"({"mcpServers":{},"plugins":{"old":true}})";
  std::filesystem::create_directory(folder.path() / "plugins");
  std::ofstream{folder.path() / "plugins" / "guard.py"};
  for (std::string verb : {"enable", "disable"}) {
    CHECK(run({"plugins", verb, "NIX"}) == exit_code::error);
    CHECK(err.str() == "slm-hub: there is no plugin named NIX; `slm-hub plugins list` shows them\n");
    for (std::string name : {"guard", "old", "slm", "mesh"})
      CHECK(run({"plugins", verb, name}) == exit_code::ok);
  }
  std::ostringstream written;
  written << std::ifstream{folder.path() / "config.json"}.rdbuf();
  CHECK(written.str().find("NIX") == std::string::npos);
  CHECK(written.str().find("guard") != std::string::npos);
}

TEST_CASE_FIXTURE(program, "an unknown word for a filter of the audit is refused with the choices") {
  for (std::string verb : {"list", "export"}) {
    CHECK(run({"audit", verb, "--outcome", "dneied"}) == exit_code::usage);
    CHECK(said("tool_error"));
    CHECK(said("denied"));
    CHECK(run({"audit", verb, "--since", "yester-day"}) == exit_code::usage);
    CHECK(said("2026-01-31"));
    CHECK(run({"audit", verb, "--outcome", "denied", "--since", "2026-01-31"}) == exit_code::ok);
  }
}

TEST_CASE_FIXTURE(program, "version works without a hub and tells of an older one") {
  CHECK(run({"version"}) == exit_code::ok);
  CHECK(out.str() == "slm-hub " HUB_VERSION "\n");
  CHECK(run({"version", "--json"}) == exit_code::ok);
  CHECK(out.str() == "{\"version\":\"" HUB_VERSION "\",\"running\":null}\n");
  test::hub_socket hub{folder.path(), paths({{"GET /api/health", R"({"version":"0.0.1"})"}})};
  CHECK(run({"version"}) == exit_code::ok);
  CHECK(printed("still 0.0.1"));
}

TEST_CASE_FIXTURE(program, "an answer that breaks off is an error") {
  test::hub_socket hub{folder.path(), [](auto&) {
                         test::scripted_answer answer;
                         answer.chunks = {"{\"servers\":["};
                         answer.broken = true;
                         return answer;
                       }};
  CHECK(run({"servers"}) == exit_code::error);
  CHECK(said("before its answer was complete"));
}

TEST_CASE_FIXTURE(program, "the configuration is made once, shown without secrets and checked") {
  CHECK(run({"config", "path"}) == exit_code::ok);
  auto file = folder.path() / "config.json";
  CHECK(out.str() == file.string() + "\n");
  CHECK(run({"config", "validate"}) == exit_code::error);
  CHECK(said("config init"));
  CHECK(run({"config", "init"}) == exit_code::ok);
  CHECK(run({"config", "init"}) == exit_code::error);
  CHECK(run({"config", "validate"}) == exit_code::ok);
  CHECK(printed("is valid"));
  std::ofstream{file} << R"({"mcpServers":{"a":{"command":"x","env":{"TOKEN":"geheim"}}}})";
  CHECK(run({"config", "show"}) == exit_code::ok);
  CHECK(printed("TOKEN"));
  CHECK(!printed("geheim"));
  std::ofstream{file} << R"({"port": "high"})";
  CHECK(run({"config", "validate"}) == exit_code::error);
  CHECK(said("config.json:1:10"));
}

TEST_CASE_FIXTURE(program, "servers of a client's file are taken once") {
  auto source = folder.path() / "client.json";
  std::ofstream{source} << R"({"mcpServers":{"a":{"command":"x"},"b":{"command":"y","args":["1"]}}})";
  CHECK(run({"config", "import", source.string(), "--dry-run"}) == exit_code::ok);
  CHECK(printed("Would take 2 servers"));
  CHECK(!std::filesystem::exists(folder.path() / "config.json"));
  CHECK(run({"config", "import", source.string()}) == exit_code::ok);
  CHECK(printed("Took 2 servers"));
  CHECK(run({"config", "validate"}) == exit_code::ok);
  CHECK(printed("2 servers"));
  CHECK(run({"setup", "import", source.string(), "--json"}) == exit_code::ok);
  CHECK(printed("\"taken\":[]"));
  CHECK(run({"config", "import", (folder.path() / "none.json").string()}) == exit_code::error);
}

TEST_CASE_FIXTURE(program, "a running hub takes what is imported, or says why not") {
  auto answers = paths({{"GET /api/health", "{}"},
                        {"POST /api/reload", R"({"ok":true,"added":["a"],"at_next_start":["port"]})"}});
  test::hub_socket hub{folder.path(), answers};
  auto source = folder.path() / "client.json";
  std::ofstream{source} << R"({"mcpServers":{"a":{"command":"x"}}})";
  CHECK(run({"setup", "import", source.string()}) == exit_code::ok);
  CHECK(printed("added   a"));
  CHECK(printed("port counts from the next start on"));
}

TEST_CASE_FIXTURE(program, "servers are added with what stands behind -- as it is") {
  CHECK(run({"add", "files", "-e", "A=1", "--env", "B=x=y", "--", "npx", "-y", "--env", "pkg"}) == exit_code::ok);
  CHECK(printed("No hub runs"));
  CHECK(run({"config", "show"}) == exit_code::ok);
  CHECK(printed("\"--env\""));
  CHECK(printed("\"A\""));
  CHECK(run({"add", "files", "other"}) == exit_code::error);
  CHECK(said("there is a server \"files\" already"));
  CHECK(run({"add", "bad", "--env", "novalue", "x"}) == exit_code::usage);
  CHECK(run({"add", "bad", "https://example.org/mcp", "more"}) == exit_code::usage);
}
