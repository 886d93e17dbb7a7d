"""The command line against a running hub and without one: output, JSON, exit codes."""

import json
import os
import signal
import subprocess
import threading

import pytest

from rig import mcp, places, processes

COMMANDS = ["start", "stop", "status", "config", "setup", "servers", "tools", "search", "call", "logs", "restart", "login", "logout", "version"]


@pytest.fixture(scope="module")
def hub(plain_hub):
    for server in ("plain", "fresh"):
        mcp.Session(plain_hub, f"/mcp/{server}").call("echo")
    return plain_hub


def ok(done):
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def as_json(done):
    return json.loads(ok(done))


def test_help_names_every_command(hub):
    help = ok(hub.cli("--help"))
    assert all(command in help for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(hub, command):
    assert len(ok(hub.cli(command, "--help"))) > 60


@pytest.mark.parametrize(
    "line", [[], ["nothing"], ["status", "--nothing"], ["call"], ["search"], ["start", "--port", "80x"], ["search", "x", "--limit", "0"], ["logs"], ["config"]]
)
def test_a_line_that_makes_no_sense_is_2_and_told_on_stderr(hub, line):
    done = hub.cli(*line)
    assert done.returncode == 2
    assert done.stderr and not done.stdout


@pytest.mark.parametrize("line,meant", [(["statsu"], "status"), (["servrs", "-v"], "servers"), (["token", "creat", "x"], "create")])
def test_a_misspelt_command_is_asked_after(hub, line, meant):
    done = hub.cli(*line)
    assert done.returncode == 2 and f"did you mean '{meant}'?" in done.stderr


def test_the_shown_configuration_ends_with_its_line(hub):
    shown = ok(hub.cli("config", "show"))
    assert shown.endswith("}\n") and json.loads(shown)["port"] == hub.port


def test_the_version_is_told(hub):
    assert "slm-hub" in ok(hub.cli("version"))
    told = as_json(hub.cli("version", "--json"))
    assert told["version"] == told["running"]


def test_status_is_what_is_so(hub):
    status = as_json(hub.cli("status", "--json"))
    assert status["state"] == "running" and status["pid"] == hub.pid
    assert str(hub.port) in status["endpoint"]
    assert os.path.samefile(status["config_file"], hub.config_dir / "config.json")
    servers = {server["name"]: server for server in status["servers"]}
    assert set(servers) == {"plain", "fresh"}
    for name, server in servers.items():
        pid = int(mcp.text_of(mcp.Session(hub, f"/mcp/{name}").call("pid")))
        now = next(s for s in as_json(hub.cli("status", "--json"))["servers"] if s["name"] == name)
        assert (now["state"], now["pid"]) == ("ready", pid)
        assert now["tools"] > 10 and now["resources"] >= 2 and now["prompts"] == 1
        assert now["calls"] > 0 and now["resident_bytes"] > 1_000_000
    text = ok(hub.cli("status"))
    assert "plain" in text and "ready" in text and str(hub.pid) in text


def test_status_counts_sessions_by_client(hub):
    before = len(as_json(hub.cli("status", "--json"))["sessions"])
    session = mcp.Session(hub)
    sessions = as_json(hub.cli("status", "--json"))["sessions"]
    assert len(sessions) == before + 1
    assert {"client_name", "protocol_version", "age_seconds"} <= set(sessions[0])
    assert "rig" in {s["client_name"] for s in sessions}
    session.end()
    processes.wait_for(lambda: len(as_json(hub.cli("status", "--json"))["sessions"]) == before, 5, "the end of the session")


def test_servers_and_tools_are_listed(hub):
    servers = as_json(hub.cli("servers", "--json"))["servers"]
    assert {s["name"] for s in servers} == {"plain", "fresh"}
    tools = as_json(hub.cli("tools", "--json"))["tools"]
    assert {"plain__echo", "fresh__echo"} <= {tool["name"] for tool in tools}
    only = as_json(hub.cli("tools", "--server", "fresh", "--json"))["tools"]
    assert {tool["server"] for tool in only} == {"fresh"}
    assert "plain__echo" in ok(hub.cli("tools"))
    assert "plain" in ok(hub.cli("servers"))


def test_search_finds(hub):
    assert "plain__echo" in ok(hub.cli("search", "echo"))
    found = hub.cli("search", "plain", "echo", "--limit", "1", "--json")
    assert "plain__echo" in ok(found) and json.loads(found.stdout)


@pytest.mark.parametrize(
    "line,expected",
    [
        (["plain__echo", '{"text":"by json"}'], "by json"),
        (["plain__echo", "--args", '{"text":"by option"}'], "by option"),
        (["plain__echo", "text=by key"], "by key"),
        (["fresh__count", "steps=2", "ms=1"], "counted to 2"),
    ],
)
def test_call_prints_the_text_of_the_result(hub, line, expected):
    assert ok(hub.cli("call", *line)).strip() == expected


def test_call_reads_arguments_from_stdin_and_prints_json(hub):
    done = hub.cli("call", "plain__echo", "--args", "-", "--json", stdin='{"text":"from stdin"}')
    assert mcp.text_of(as_json(done)) == "from stdin"


@pytest.mark.parametrize("line", [["plain__fail"], ["plain__fault"], ["nobody__knows"], ["plain__crash"]])
def test_a_call_that_fails_is_1_and_told_on_stderr(hub, line):
    done = hub.cli("call", *line)
    assert done.returncode == 1
    assert done.stderr.strip()


def test_a_call_has_a_time_limit_when_asked(hub):
    done = hub.cli("call", "plain__wait", "ms=20000", "--timeout", "0.5", seconds=10)
    assert done.returncode == 1 and done.stderr


@pytest.mark.parametrize("words", ["{", "[1]", "novalue"])
def test_arguments_that_are_none_are_refused(hub, words):
    done = hub.cli("call", "plain__echo", words)
    assert done.returncode in (1, 2) and done.stderr


def test_logs_show_what_a_server_wrote(hub):
    hub.cli("call", "plain__crash")
    assert "about to crash" in ok(hub.cli("logs", "plain"))
    assert len(ok(hub.cli("logs", "-n", "1", "plain")).splitlines()) == 1
    unknown = hub.cli("logs", "nobody")
    assert unknown.returncode == 1 and "nobody" in unknown.stderr


def test_logs_can_be_followed(hub):
    follower = subprocess.Popen([places.hub_cli(), "logs", "-f", "-n", "0", "plain"], env=hub.env, stdout=subprocess.PIPE, text=True,
                                # Whoever runs the tests in the background may have it ignored.
                                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    try:
        seen = threading.Event()
        threading.Thread(target=lambda: follower.stdout.readline() and seen.set(), daemon=True).start()
        # The follower may not be listening yet at the first crash.
        processes.wait_for(lambda: hub.cli("call", "plain__crash") and seen.wait(0.5), 15, "a line from logs -f")
    finally:
        follower.send_signal(signal.SIGINT)
        follower.wait(5)


def test_restart_gives_a_new_process(hub):
    pid = lambda: mcp.text_of(mcp.Session(hub, "/mcp/fresh").call("pid"))
    first = pid()
    ok(hub.cli("restart", "fresh"))
    assert pid() != first
    unknown = hub.cli("restart", "nobody")
    assert unknown.returncode == 1 and "nobody" in unknown.stderr


def test_the_socket_is_private(hub):
    assert (hub.config_dir / "hub.sock").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("line", [["status"], ["servers"], ["tools"], ["search", "x"], ["call", "x"], ["logs", "x"], ["restart", "x"], ["stop"]])
def test_without_a_hub_each_command_says_how_to_start_one(make_hub, line):
    done = make_hub({}, start=False).cli(*line)
    assert done.returncode == 1
    assert "slm-hub start" in done.stderr


def test_stop_ends_the_hub(make_hub):
    hub = make_hub({"plain": places.our_server("plain.py")})
    mcp.Session(hub, "/mcp/plain").call("echo")
    ok(hub.cli("stop"))
    assert hub.process.wait(1) == 0
    assert not hub.servers_alive()


def test_start_takes_port_and_folder_from_its_arguments(make_hub):
    hub = make_hub({}, start=False)
    env = {k: v for k, v in hub.env.items() if not k.startswith("SLM_HUB_")}
    line = [places.hub_cli(), "start", "--port", str(hub.port), "--config-dir", str(hub.config_dir)]
    with open(hub.log_file, "wb") as log:
        hub.process = subprocess.Popen(line, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    processes.wait_for(hub.answers, 10, "the hub answering")
    # It answers a moment before it says so.
    processes.wait_for(lambda: hub.url in hub.log() and "claude mcp add" in hub.log(), 10, "the banner")


def test_config_is_made_once_shown_and_validated(make_hub):
    hub = make_hub({}, start=False)
    file = hub.config_dir / "config.json"
    assert ok(hub.cli("config", "path")).strip() == str(file)
    file.unlink()
    ok(hub.cli("config", "init"))
    assert file.stat().st_mode & 0o777 == 0o600
    assert "valid" in ok(hub.cli("config", "validate"))
    again = hub.cli("config", "init")
    assert again.returncode == 1 and str(file) in again.stderr


def test_config_shows_placeholders_and_hides_values(make_hub):
    hub = make_hub({"s": {"command": "x", "env": {"A": "${TOKEN_A}", "B": "literal-secret"}}}, start=False, env={"TOKEN_A": "resolved-secret"})
    shown = ok(hub.cli("config", "show"))
    assert "${TOKEN_A}" in shown
    assert "literal-secret" not in shown and "resolved-secret" not in shown


def test_a_broken_config_is_told_with_line_and_column(make_hub):
    hub = make_hub({}, start=False)
    (hub.config_dir / "config.json").write_text('{\n "port": "x",\n}')
    for command in ("validate", "show"):
        done = hub.cli("config", command)
        assert done.returncode == 1 and "config.json:2:" in done.stderr


def test_servers_of_clients_are_imported_without_the_hub_itself(make_hub):
    hub = make_hub({}, start=False)
    servers = {"fs": {"command": "npx", "args": ["-y", "fs"], "env": {"K": "${KEY}"}}, "hub": {"type": "http", "url": hub.url}}
    (hub.home / ".claude.json").write_text(json.dumps({"mcpServers": servers, "projects": {"/p": {"mcpServers": {"deep": {"command": "d"}}}}}))
    (hub.home / ".codex").mkdir()
    (hub.home / ".codex" / "config.toml").write_text('[mcp_servers.tom]\ncommand = "tom"\nargs = ["a"]\n')
    before = (hub.config_dir / "config.json").read_text()
    dry = as_json(hub.cli("setup", "import", "--dry-run", "--json"))
    assert {t["name"] for t in dry["taken"]} == {"fs", "deep", "tom"}
    assert (hub.config_dir / "config.json").read_text() == before
    ok(hub.cli("setup", "import"))
    written = json.loads((hub.config_dir / "config.json").read_text())["mcpServers"]
    assert set(written) == {"fs", "deep", "tom"}
    assert written["fs"]["env"]["K"] == "${KEY}"
    again = as_json(hub.cli("setup", "import", "--json"))
    assert again["taken"] == []


def test_an_import_of_a_file_that_is_none_is_1(make_hub):
    hub = make_hub({}, start=False)
    bad = hub.folder / "bad.json"
    bad.write_text("{ not json")
    for file in (bad, hub.folder / "nowhere.json"):
        done = hub.cli("config", "import", str(file))
        assert done.returncode == 1 and file.name in done.stdout + done.stderr


def test_the_first_start_makes_a_configuration_that_works(make_hub):
    hub = make_hub({}, start=False)
    (hub.config_dir / "config.json").unlink()
    hub.start()
    assert (hub.config_dir / "config.json").exists()
    listed = lambda: as_json(hub.cli("tools", "--json"))["tools"]
    tools = processes.wait_for(listed, 15, "learning the demonstration server")
    assert "demo__roll_dice" in {tool["name"] for tool in tools}
    assert ok(hub.cli("call", "demo__roll_dice")).strip()
    banner = hub.log()
    for client in ("claude mcp add", "VS Code", "Cursor", "Codex"):
        assert client in banner
