#include "service/config/launch.hpp"

#include "service/config/sandbox.hpp"
#include "tests/service/config/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace hub;

namespace {

variables known() {
  return {{{"PATH", "/bin"}, {"HOME", "/home/u"}, {"A", "from the environment"}, {"EMPTY", ""},
           {"LC_ALL", "C"}, {"SLM_HUB_PORT", "1"}, {"AWS_SECRET_ACCESS_KEY", "w"}},
          {{"A", "from a file"}, {"TOKEN", "s3cret"}, {"OTHER", "0ther"}},
          {},
          "/home/u"};
}

/// The text, or the error in angle brackets.
std::string resolved(std::string_view text) {
  auto result = resolve(text, known());
  if (auto* error = std::get_if<unresolved_placeholder>(&result))
    return "<" + error->cause + ">";
  return std::get<std::string>(result);
}

server_config stdio_server() {
  server_config result;
  result.name = "git";
  result.origin = "c.json:7";
  result.command = "run";
  return result;
}

bool has(const launch_spec& spec, const std::string& entry) {
  return std::find(spec.env.begin(), spec.env.end(), entry) != spec.env.end();
}

} // namespace

TEST_CASE("placeholders resolve to variables, the environment first") {
  CHECK(resolved("${A}") == "from the environment");
  CHECK(resolved("${env:TOKEN}") == "s3cret");
  CHECK(resolved("Bearer ${TOKEN}!${TOKEN}") == "Bearer s3cret!s3cret");
  CHECK(resolved("plain $A {B} $") == "plain $A {B} $");
  CHECK(resolved("") == "");
  CHECK(resolved("${EMPTY}") == "");
}

TEST_CASE("a default counts when the variable is not set or empty") {
  CHECK(resolved("${NONE:-d}") == "d");
  CHECK(resolved("${env:NONE:-d}") == "d");
  CHECK(resolved("${EMPTY:-d}") == "d");
  CHECK(resolved("${A:-d}") == "from the environment");
  CHECK(resolved("${NONE:-}") == "");
  CHECK(resolved("${NONE:-${TOKEN}/x}y") == "s3cret/xy");
  CHECK(resolved("${NONE:-${ALSO_NONE}}") == "<names ${ALSO_NONE}, which is not set>");
  CHECK(resolved("${NONE:-http://x:1/}") == "http://x:1/");
}

TEST_CASE("what needs no variable resolves, and a doubled dollar is plain") {
  CHECK(resolved("${userHome}/x") == "/home/u/x");
  CHECK(resolved("a${pathSeparator}b${/}c") == "a/b/c");
  CHECK(resolved("$${A} ${A}") == "${A} from the environment");
}

TEST_CASE("what was resolved is not resolved again") {
  auto v = known();
  v.environment["LOOP"] = "${TOKEN}";
  CHECK(std::get<std::string>(resolve("${LOOP}", v)) == "${TOKEN}");
}

TEST_CASE("placeholders that need a client are errors that say so") {
  CHECK(resolved("${NONE}") == "<names ${NONE}, which is not set>");
  CHECK(resolved("${input:token}") == "<has ${input:token}, which only an editor can ask its user for>");
  CHECK(resolved("${keyring:x}") == "<has ${keyring:x}, which cannot be used in this place>");
  CHECK(resolved("${workspaceFolder}/x") == "<has ${workspaceFolder}, and the hub serves no single workspace>");
  CHECK(resolved("${a b}") == "<has ${a b}, which is no placeholder that the hub knows>");
  CHECK(resolved("${A") == "<has a ${ that is not closed>");
  CHECK(resolved("${A:-${B}") == "<has a ${ that is not closed>");
}

TEST_CASE("the text of a file is a secret that nobody else may read") {
  test::temporary_folder folder;
  auto path = folder.write("token", "s3cret-of-a-file\n");
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
  CHECK(resolved("Bearer ${file:" + path.string() + "}") == "Bearer s3cret-of-a-file");
  std::filesystem::permissions(path, static_cast<std::filesystem::perms>(0644));
  CHECK(resolved("${file:" + path.string() + "}").find("others may read that file") != std::string::npos);
  CHECK(resolved("${file:" + (folder / "none").string() + "}").starts_with("<has ${file:"));
}

TEST_CASE("what programs and the keyring have to be asked for is found in every field, once") {
  auto server = stdio_server();
  server.args = {"${cmd:gh auth token}", "${A}"};
  server.env = {{"X", "${keyring:github}"}, {"Y", "${cmd:gh auth token}"}, {"Z", "$${cmd:no}"}};
  CHECK(secrets_to_fetch(server) == std::vector<std::string>{"cmd:gh auth token", "keyring:github"});
  auto v = known();
  v.fetched["cmd:gh auth token"] = {"gho_1", "", ""};
  v.fetched["keyring:github"] = {"", "has ${keyring:github}, and the keyring has no such secret", "store it"};
  CHECK(std::get<std::string>(resolve("a ${cmd:gh auth token}", v)) == "a gho_1");
  CHECK(std::get<unresolved_placeholder>(resolve("${keyring:github}", v)).fix == "store it");
}

TEST_CASE("endless defaults in defaults are an error") {
  std::string text = "x";
  for (int i = 0; i < 20; ++i)
    text = "${NONE:-" + text + "}";
  CHECK(resolved(text).find("<has defaults in defaults") == 0);
  std::string open;
  for (int i = 0; i < 100'000; ++i)
    open += "${";
  CHECK(resolved(open) == "<has a ${ that is not closed>");
}

TEST_CASE("every field of a program resolves") {
  test::temporary_folder folder;
  auto server = stdio_server();
  server.command = "~/bin/${NONE:-run}";
  server.args = {"--token=${TOKEN}", "~"};
  server.env = {{"T", "${TOKEN}"}, {"PATH", "/own:${PATH}"}};
  server.cwd = "${DIR}";
  auto v = known();
  v.environment["DIR"] = folder.path();
  auto spec = resolve_launch(server, v);
  REQUIRE_MESSAGE(spec, to_string(spec.errors()));
  CHECK(spec->command == "/home/u/bin/run");
  CHECK(spec->args == std::vector<std::string>{"--token=s3cret", "~"});
  CHECK(spec->cwd == folder.path());
  CHECK(has(*spec, "T=s3cret"));
  CHECK(has(*spec, "PATH=/own:/bin"));
}

TEST_CASE("a child gets a small environment and no secret that it does not name") {
  auto server = stdio_server();
  server.env = {{"T", "${TOKEN}"}};
  auto spec = resolve_launch(server, known());
  REQUIRE(spec);
  CHECK(spec->env == std::vector<std::string>{"HOME=/home/u", "LC_ALL=C", "PATH=/bin", "T=s3cret"});
}

TEST_CASE("the base environment has what npx, uvx and the network need") {
  auto base = base_environment({{"npm_config_cache", "1"}, {"UV_CACHE_DIR", "2"}, {"NODE_OPTIONS", "3"},
                                {"https_proxy", "4"}, {"HTTPS_PROXY", "5"}, {"XDG_RUNTIME_DIR", "6"},
                                {"SSL_CERT_FILE", "7"}, {"NVM_DIR", "8"}, {"GITHUB_TOKEN", "9"}, {"UVX", "10"}});
  CHECK(base.size() == 8);
  CHECK(base.count("GITHUB_TOKEN") == 0);
  CHECK(base.count("UVX") == 0);
}

TEST_CASE("an unresolved variable names server, field, variable and fix") {
  auto server = stdio_server();
  server.args = {"ok", "${NONE}"};
  server.env = {{"KEY", "${ALSO}"}};
  auto spec = resolve_launch(server, known());
  REQUIRE_FALSE(spec);
  REQUIRE(spec.errors().size() == 2);
  CHECK(to_string(spec.errors()[0])
        == "c.json:7: server \"git\": args[1] names ${NONE}, which is not set; set NONE in the environment "
           "of the hub, write NONE=value to secrets.env in its configuration folder, or give a default: "
           "${NONE:-default}");
  CHECK(spec.errors()[1].cause == "server \"git\": env.KEY names ${ALSO}, which is not set");
}

TEST_CASE("an error shows no default, which may be a secret") {
  auto server = stdio_server();
  server.args = {"${cmd:x:-hunter2}"};
  auto spec = resolve_launch(server, known());
  REQUIRE_FALSE(spec);
  CHECK(to_string(spec.errors()).find("hunter2") == std::string::npos);
}

TEST_CASE("the variables of a file come before those of the entry") {
  test::temporary_folder folder;
  folder.write("x.env", "F=file\nT=file\nexport Q='q'\n");
  auto server = stdio_server();
  server.cwd = folder.path();
  server.env_file = "x.env";
  server.env = {{"T", "entry"}};
  auto spec = resolve_launch(server, known());
  REQUIRE_MESSAGE(spec, to_string(spec.errors()));
  CHECK(has(*spec, "F=file"));
  CHECK(has(*spec, "T=entry"));
  CHECK(has(*spec, "Q=q"));
  server.cwd = "";
  CHECK(resolve_launch(server, known()).errors()[0].cause
        == "server \"git\": envFile is a relative path and there is no cwd");
  server.env_file = folder / "missing.env";
  CHECK(resolve_launch(server, known()).errors()[0].cause.find("cannot be read") != std::string::npos);
}

TEST_CASE("a folder that is not there is an error before the start") {
  auto server = stdio_server();
  server.cwd = "/does/not/exist";
  CHECK(to_string(resolve_launch(server, known()).errors())
        == "c.json:7: server \"git\": cwd is /does/not/exist, which is no folder; create it or change cwd");
}

TEST_CASE("an endpoint resolves, and its headers stay on their lines") {
  server_config server;
  server.name = "docs";
  server.transport = transport_kind::streamable_http;
  server.url = "${BASE:-https://x}/mcp";
  server.headers = {{"Authorization", "Bearer ${TOKEN}"}};
  server.tls.ca = "${BASE:-/etc}/ca.pem";
  server.proxy = "http://me:${TOKEN}@proxy:3128";
  auto spec = resolve_endpoint(server, known());
  REQUIRE(spec);
  CHECK(spec->tls.ca == "/etc/ca.pem");
  CHECK(spec->proxy == "http://me:s3cret@proxy:3128");
  CHECK(spec->url == "https://x/mcp");
  CHECK(spec->headers[0].second == "Bearer s3cret");
  auto v = known();
  v.secrets["TOKEN"] = "a\r\nX: y";
  CHECK_FALSE(resolve_endpoint(server, v));
  v = known();
  v.environment["BASE"] = "ftp://x";
  CHECK_FALSE(resolve_endpoint(server, v));
}

TEST_CASE("programs and endpoints are not mistaken for each other") {
  auto server = stdio_server();
  CHECK_FALSE(resolve_endpoint(server, known()));
  server.transport = transport_kind::sse;
  CHECK_FALSE(resolve_launch(server, known()));
}

TEST_CASE("a child inherits what its entry names, and all only if it says so") {
  auto server = stdio_server();
  server.inherit_env = {"AWS_SECRET_ACCESS_KEY", "NOT_THERE"};
  auto spec = resolve_launch(server, known());
  REQUIRE(spec);
  CHECK(has(*spec, "AWS_SECRET_ACCESS_KEY=w"));
  CHECK_FALSE(has(*spec, "SLM_HUB_PORT=1"));
  server.inherit_env = {"*"};
  spec = resolve_launch(server, known());
  REQUIRE(spec);
  CHECK(has(*spec, "SLM_HUB_PORT=1"));
}

TEST_CASE("a sandbox wraps the program, and the stricter profile takes more away") {
  auto args_of = [](sandbox_config sandbox) {
    launch_spec spec{"run", {"-x"}, {}, "/work"};
    confine(spec, sandbox, "/usr/bin/bwrap", "/home/u");
    CHECK(spec.command == "/usr/bin/bwrap");
    std::string result;
    for (auto& arg : spec.args)
      result += arg + ' ';
    CHECK(result.ends_with("--chdir /work -- run -x "));
    return result;
  };
  auto read_only = args_of({"read-only", {"/data"}, {}});
  CHECK(read_only.find("--ro-bind / /") != std::string::npos);
  CHECK(read_only.find("--bind /data /data") != std::string::npos);
  CHECK(read_only.find("--unshare-net") == std::string::npos);
  CHECK(args_of({"read-only", {}, false}).find("--unshare-net") != std::string::npos);
  auto no_network = args_of({"no-network", {}, {}});
  CHECK(no_network.find("--unshare-net") != std::string::npos);
  CHECK(no_network.find("--ro-bind") == std::string::npos);
  auto strict = args_of({"strict", {}, {}});
  CHECK(strict.find("--unshare-net") != std::string::npos);
  CHECK(strict.find("--tmpfs /home/u") != std::string::npos);
  CHECK(args_of({"strict", {}, true}).find("--unshare-net") == std::string::npos);
}

TEST_CASE("a sandbox that cannot be made keeps the server from starting") {
  test::temporary_folder folder;
  auto server = stdio_server();
  server.sandbox = {"strict", {"/nowhere/at/all"}, {}};
  auto names = known();
  names.environment["PATH"] = folder.path().string();
  auto spec = resolve_launch(server, names);
  REQUIRE_FALSE(spec);
  REQUIRE(spec.errors().size() == 2);
  CHECK(spec.errors()[0].cause.find("/nowhere/at/all") != std::string::npos);
  CHECK(spec.errors()[1].fix.find("bubblewrap") != std::string::npos);
}
