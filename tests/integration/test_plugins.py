"""Plugins: each hook fires, calls can be denied, and whatever a plugin does, calls wait no longer than its time limit."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from rig import mcp, places, processes

OURS = Path(__file__).parent / "plugins"
EXAMPLES = places.ROOT / "contrib" / "plugins"
EVENTS = ["hub_started", "hub_stopping", "session_started", "session_ended", "server_connected", "server_disconnected", "tools_changed"]
ALL = [*EVENTS, "before_call", "after_call"]


class World:
    """A hub with a plain server and plugins."""

    def __init__(self, make_hub, record):
        self.record = record
        self.hub = make_hub({"plain": places.our_server("plain.py")}, start=False)
        self.folder = self.hub.config_dir / "plugins"
        self.folder.mkdir()
        self.entries = {}

    def install(self, file: Path, name: str | None = None):
        target = self.folder / (name or file.name)
        shutil.copy(file, target)
        target.chmod(0o700)

    def set(self, name: str, settings: dict, **entry):
        """Writes what the configuration says of a plugin."""
        key, value = self.hub.mark.split("=")
        self.entries[name] = {"settings": settings, "env": {key: value}, **entry}
        self.hub.settings["plugins"] = self.entries
        self.hub.configure({"plain": places.our_server("plain.py")})

    def actor(self, hooks, name="actor", **settings):
        """Installs the plugin of the tests."""
        self.install(OURS / "actor.py", f"{name}.py")
        limit = settings.pop("limit", None)
        entry = {"time_limit_ms": limit} if limit else {}
        if on_failure := settings.pop("on_failure", None):
            entry["on_failure"] = on_failure
        self.set(name, {"record": str(self.record), "hooks": hooks, **settings}, **entry)
        return self

    def start(self, *ready: str):
        self.hub.start()
        for name in ready:
            self.await_state(name, "ready")
        return self

    def plugin(self, name="actor") -> dict:
        done = self.hub.cli("plugins", "list", "--json")
        assert done.returncode == 0, done.stderr
        return next((x for x in json.loads(done.stdout)["plugins"] if x["name"] == name), {})

    def await_state(self, name: str, *states: str) -> dict:
        return self.await_plugin(name, lambda x: x.get("state") in states, " or ".join(states))

    def await_plugin(self, name: str, condition, what: str) -> dict:
        found = {}

        def holds():
            found.update(self.plugin(name))
            return condition(found)

        processes.wait_for(holds, 30, f"plugin {name}: {what}")
        return found

    def await_event(self, name: str, count=1, where=lambda params: True) -> dict:
        def found():
            return [x["params"] for x in self.record.events(name) if where(x["params"])]

        processes.wait_for(lambda: len(found()) >= count, 30, f"{count} of {name}")
        return found()[-1]


@pytest.fixture
def world(make_hub, record):
    return World(make_hub, record)


def timed(work):
    begun = time.monotonic()
    result = work()
    return result, time.monotonic() - begun


def test_each_hook_fires(world):
    world.actor(ALL).start("actor")
    begun = world.await_event("hub_started")
    assert begun["at"].endswith("Z")
    hello = world.await_event("initialize")
    assert hello["protocol"] == 1 and hello["hub"]["name"] == "slm-hub" and hello["plugin"] == "actor"
    changed = world.await_event("tools_changed")
    assert changed["server"] == "plain" and "echo" in changed["added"] and changed["tools"] == len(changed["added"])
    session = mcp.Session(world.hub)
    opened = world.await_event("session_started", where=lambda x: x["door"] == "/mcp")
    assert opened["client"] == {"name": "rig", "version": "1", "protocol": "2025-11-25"} and not opened["resumed"]
    assert opened["session"] not in session.id and len(opened["session"]) == 12
    assert mcp.text_of(session.call("plain__echo", {"text": "hello"}))
    asked = world.await_event("before_call")
    assert (asked["server"], asked["tool"], asked["arguments"]) == ("plain", "echo", {"text": "hello"})
    assert asked["session"] == opened["session"] and asked["client"]["name"] == "rig"
    done = world.await_event("after_call")
    assert done["outcome"] == "ok" and done["tool"] == "echo" and done["duration_us"] > 0 and done["answer_bytes"] > 0
    assert done["session"] == opened["session"]
    session.call("plain__fail")
    assert world.await_event("after_call", 2)["outcome"] == "tool_error"
    connected = world.await_event("server_connected")
    assert connected["server"] == "plain" and connected["era"] == "handshake"
    with pytest.raises(mcp.RpcError):
        mcp.answer_of(mcp.Session(world.hub, "/mcp/plain").post(mcp.request("tools/call", {"name": "crash", "arguments": {}})).message)
    gone = world.await_event("server_disconnected", where=lambda x: not x["asked_for"])
    assert gone["server"] == "plain" and "exited" in gone["cause"]
    session.call("plain__add_tool", {"name": "fresh"})
    assert world.await_event("tools_changed", 2)["added"] == ["fresh"]
    session.end()
    ended = world.await_event("session_ended", where=lambda x: x["session"] == opened["session"])
    assert ended["calls"] == 3 and ended["failed"] == 0 and ended["cause"] == "its client ended it"
    world.hub.stop()
    # The other session ended with the hub, and the plugin last.
    names = [x["event"] for x in world.record.events()]
    assert names[-1] == "stdin closed" and names.index("hub_stopping") < len(names) - 1
    assert world.record.events("session_ended")[-1]["params"]["cause"] == "the hub ends"


def test_a_plugin_denies_calls_and_the_client_hears_why(world):
    world.actor(["before_call", "after_call"], deny=["echo"]).start("actor")
    session = mcp.Session(world.hub, "/mcp/plain")
    with pytest.raises(mcp.RpcError, match="plugin actor denies this call: echo is not liked"):
        session.call("echo", {"text": "x"})
    assert mcp.text_of(session.call("pid")).isdigit()
    refused = mcp.Session(world.hub).call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "x"}})
    assert refused["isError"] and "echo is not liked" in mcp.text_of(refused)
    with pytest.raises(mcp.RpcError, match="echo is not liked"):
        mcp.Modern(world.hub, "/mcp/plain").call("echo", {"text": "x"})
    processes.wait_for(lambda: len(world.record.events("after_call")) >= 4, 10, "four calls told")
    assert [x["params"]["outcome"] for x in world.record.events("after_call")] == ["denied", "ok", "denied", "denied"]
    assert world.plugin()["verdicts"]["denied"] == 3
    assert "3 of 4" in world.hub.cli("plugins", "list").stdout
    # It is not the server's fault.
    [server] = json.loads(world.hub.cli("servers", "--json").stdout)["servers"]
    assert server["errors"] == 0


@pytest.mark.parametrize("way", ["hang", "garbage", "deaf", "die", "flood"])
def test_whatever_a_plugin_does_calls_go_on(world, way):
    limit = 0.3
    world.actor(["before_call", "after_call", "session_started"], way=way, limit=int(limit * 1000)).start()
    world.await_plugin("actor", lambda x: x.get("starts", 0) > 0 and x.get("version") == "7.8", "a handshake")
    session = mcp.Session(world.hub, "/mcp/plain")
    session.call("pid")
    for _ in range(12):
        answer, seconds = timed(lambda: session.call("echo", {"text": "x"}))
        assert mcp.text_of(answer)
        # The rest is what a busy machine may cost.
        assert seconds < limit + 2
    if way != "deaf":
        failed = world.await_plugin("actor", lambda x: x["crashes"] > 0, "an end")
        assert failed["starts"] >= 1
    # The hub is well.
    assert world.hub.cli("status").returncode == 0


def test_a_slow_plugin_costs_its_time_limit_and_its_late_word_counts_no_more(world):
    world.actor(["before_call"], way="slow", seconds=1.0, deny=["echo"], limit=200).start("actor")
    session = mcp.Session(world.hub, "/mcp/plain")
    answer, seconds = timed(lambda: session.call("echo", {"text": "x"}))
    assert mcp.text_of(answer) and seconds >= 0.2
    assert world.plugin()["verdicts"] == {"time_limit_ms": 200, "passed": 0, "denied": 0, "unanswered": 1, "on_failure": "allow"}


def test_a_plugin_says_itself_how_long_it_may_be_waited_for(world):
    world.actor(["before_call"], time_limit_ms=70).start("actor")
    assert world.plugin()["verdicts"]["time_limit_ms"] == 70


def test_one_that_hangs_is_restarted_and_asked_again(world):
    world.actor(["before_call"], way="hang", limit=50).start("actor")
    session = mcp.Session(world.hub, "/mcp/plain")
    for _ in range(5):
        session.call("pid")
    back = world.await_plugin("actor", lambda x: x["starts"] >= 2 and x["state"] == "ready", "a restart")
    assert back["verdicts"]["unanswered"] == 5
    assert "did not answer before_call in time, 5 times in a row" in world.hub.log()


def test_what_a_deaf_plugin_does_not_take_is_dropped_and_counted(world):
    world.actor(["after_call"], way="deaf").start("actor")
    session = mcp.Session(world.hub, "/mcp/plain")
    text = "x" * 60_000
    for _ in range(60):
        session.call("echo", {"text": text})
    seen = world.await_plugin("actor", lambda x: x["told"] + x["dropped"] == 60, "60 calls told or dropped")
    assert seen["dropped"] > 0 and seen["waiting"] == 0
    [row] = [line for line in world.hub.cli("plugins", "list").stdout.splitlines() if line.startswith("actor")]
    assert str(seen["dropped"]) in row.split()


@pytest.mark.parametrize(
    ("way", "error"),
    [("unwilling", "refuses to start: there is no token"), ("long line", "sent a line of more than 1 MiB"), ("flood", "within a second")],
)
def test_why_a_plugin_does_not_run_is_shown(world, way, error):
    world.actor(["hub_started"], way=way).start()
    seen = world.await_plugin("actor", lambda x: error in x.get("error", ""), error)
    assert seen["fix"]
    assert error in world.hub.cli("plugins", "list").stdout or world.plugin()["state"] == "ready"


def test_settings_are_held_against_the_schema_of_the_plugin(world):
    schema = {"properties": {"deny": {"type": "array"}}}
    world.actor(["hub_started"], schema=schema, deny="echo").start()
    seen = world.await_state("actor", "failed")
    assert seen["error"] == "cannot use its settings: setting deny is not of type array"
    world.actor(["hub_started"], schema=schema, deny=["echo"])
    assert world.hub.cli("reload").returncode == 0
    assert world.await_state("actor", "ready")["settings_schema"] == schema


def test_settings_name_secrets_that_only_the_plugin_gets_to_see(world):
    secret = "xyzzy-7731-plugh"
    file = world.hub.config_dir / "secrets.env"
    file.write_text(f"PLUGIN_TOKEN={secret}\n")
    file.chmod(0o600)
    world.actor(["hub_started"], token="Bearer ${PLUGIN_TOKEN}", plain="$${X}", says="token").start("actor")
    got = world.await_event("initialize")["settings"]
    assert got["token"] == f"Bearer {secret}" and got["plain"] == "${X}"
    seen = world.await_plugin("actor", lambda x: "Bearer" in x.get("says", ""), "what it says of its token")
    assert seen["says"] == "Bearer ***"
    shown = world.hub.cli("plugins", "list", "--json").stdout + world.hub.cli("plugins", "logs", "actor").stdout + world.hub.cli("config", "show").stdout
    assert "Bearer" in shown and secret not in shown and secret not in world.hub.log()
    world.actor(["hub_started"], token="${NOT_SET_ANYWHERE}")
    assert world.hub.cli("reload").returncode == 0
    failed = world.await_state("actor", "failed")
    assert "settings.token names ${NOT_SET_ANYWHERE}, which is not set" in failed["error"] and failed["fix"]
    assert len(world.record.events("initialize")) == 1


@pytest.mark.parametrize("way", ["hang", "garbage", "deaf", "die"])
def test_where_it_is_chosen_calls_are_denied_that_a_plugin_gives_no_word_on(world, way):
    world.actor(["before_call"], way=way, limit=300, on_failure="deny").start()
    session = mcp.Session(world.hub, "/mcp/plain")
    for _ in range(4):
        with pytest.raises(mcp.RpcError, match="plugin actor has to agree to this call, and it "):
            session.call("echo", {"text": "x"})
    world.actor(["before_call"], on_failure="deny")
    assert world.hub.cli("reload").returncode == 0
    world.await_state("actor", "ready")
    assert mcp.text_of(session.call("echo", {"text": "x"})) == "x"
    # One that is not there has to agree, too.
    (world.folder / "actor.py").unlink()
    assert world.hub.cli("reload").returncode == 0
    world.await_state("actor", "failed")
    with pytest.raises(mcp.RpcError, match="there is no executable of that name"):
        session.call("echo", {"text": "x"})


def test_calls_of_the_first_moment_are_denied_that_a_plugin_has_to_agree_to(world):
    world.actor(["before_call"], way="mute", on_failure="deny").start()
    with pytest.raises(mcp.RpcError, match="plugin actor has to agree to this call, and it is not ready yet"):
        mcp.Session(world.hub, "/mcp/plain").call("echo", {"text": "x"})


def test_plugins_are_switched_and_read_by_commands(world):
    world.actor(["hub_started"]).start("actor")
    shown = world.hub.cli("plugins", "list").stdout
    assert "actor" in shown and "7.8" in shown and "ready, at work" in shown
    world.await_event("hub_started")
    processes.wait_for(lambda: "heard hub_started" in world.hub.cli("plugins", "logs", "actor").stdout, 10, "the log of the plugin")
    pid = world.plugin()["pid"]
    done = world.hub.cli("plugins", "disable", "actor")
    assert done.returncode == 0 and "Disabled plugin actor" in done.stdout
    world.await_state("actor", "disabled")
    processes.wait_for(lambda: processes.state(pid) is None, 10, "the end of its program")
    assert json.loads((world.hub.config_dir / "config.json").read_text())["plugins"]["actor"]["enabled"] is False
    world.hub.cli("plugins", "enable", "actor")
    assert world.await_state("actor", "ready")["pid"] != pid
    missing = world.hub.cli("plugins", "enable", "nobody")
    assert missing.returncode == 1 and "there is no plugin named nobody" in missing.stderr
    assert world.hub.cli("plugins", "logs", "stranger").returncode == 1


def test_a_new_program_is_found_at_a_reload_and_one_that_others_may_write_is_not_run(world):
    world.start()
    assert "actor" not in world.hub.cli("plugins", "list").stdout
    world.install(OURS / "actor.py")
    world.set("actor", {"record": str(world.record), "hooks": ["hub_started"]})
    world.hub.cli("reload")
    world.await_state("actor", "ready")
    world.await_event("hub_started")
    (world.folder / "actor.py").chmod(0o702)
    os.utime(world.folder / "actor.py")
    world.hub.cli("reload")
    seen = world.await_plugin("actor", lambda x: x["state"] == "failed", "refused")
    assert "others may write its file" in seen["error"]
    processes.wait_for(lambda: world.record.events("stdin closed"), 10, "the end of the plugin")
    (world.folder / "actor.py").chmod(0o700)
    world.folder.chmod(0o777)
    world.hub.cli("reload")
    assert "there is no executable of that name" in world.plugin()["error"]
    processes.wait_for(lambda: "since others may write there" in world.hub.log(), 10, "a line in the log")


def test_a_plugin_and_what_it_started_end_with_the_hub(world):
    world.actor(["hub_stopping"], way="stubborn").start("actor")
    child = world.await_event("child")
    assert processes.state(child)
    world.hub.stop(seconds=20)
    assert processes.state(child) is None
    assert world.record.events("stdin closed")
    # `finish` looks for processes with the hub's mark.


def test_the_example_in_python(world, tmp_path):
    log = tmp_path / "calls.jsonl"
    world.install(EXAMPLES / "tool_guard.py")
    world.set("tool_guard", {"deny": ["plain/ec*"], "log": str(log)})
    world.start("tool_guard")
    session = mcp.Session(world.hub, "/mcp/plain")
    with pytest.raises(mcp.RpcError, match=r"plain/echo matches plain/ec\*"):
        session.call("echo", {"text": "x"})
    session.call("pid")

    def outcomes():
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return [x["outcome"] for x in lines if x["event"] == "after_call"]

    processes.wait_for(lambda: outcomes() == ["denied", "ok"], 10, "two calls in its file")
    world.set("tool_guard", {"deni": []})
    world.hub.cli("reload")
    assert "setting deni is not known" in world.await_state("tool_guard", "failed")["error"]


def test_the_example_in_shell(world):
    world.install(EXAMPLES / "pause.sh")
    world.set("pause", {})
    world.start("pause")
    session = mcp.Session(world.hub, "/mcp/plain")
    session.call("pid")
    (world.folder / "PAUSED").touch()
    with pytest.raises(mcp.RpcError, match="the hub is paused"):
        session.call("echo", {"text": '"method":"initialize"'})
    (world.folder / "PAUSED").unlink()
    session.call("pid")
    assert "denied" in world.hub.cli("plugins", "logs", "pause").stdout
