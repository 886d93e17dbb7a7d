"""How servers are run: bounds, limits, crash loops, programs that a poor PATH does not have, and what `servers -v` says of it."""

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from rig import mcp, places, processes


def plain(record, *more):
    return places.our_server("plain.py", "--record", str(record), *more)


def row_of(hub, name):
    return next(row for row in json.loads(hub.cli("servers", "--json").stdout)["servers"] if row["name"] == name)


def test_calls_beyond_max_concurrent_wait_in_turn_and_all_are_answered(make_hub, record):
    hub = make_hub({"one": {**plain(record), "max_concurrent": 1}})
    sessions = [mcp.Session(hub, "/mcp/one") for _ in range(4)]
    sessions[0].call("echo", {"text": "warm"})
    answers = {}

    def ask(index):
        answers[index] = mcp.text_of(sessions[index].call("wait", {"ms": 200}))

    began = time.monotonic()
    calls = [threading.Thread(target=ask, args=(index,)) for index in range(4)]
    [call.start() for call in calls]
    [call.join(30) for call in calls]
    assert len(answers) == 4
    # One after the other: no machine is fast enough to do it in less.
    assert time.monotonic() - began >= 0.8


def test_a_call_that_waits_in_turn_is_taken_back_without_the_server_hearing_of_it(make_hub, record):
    hub = make_hub({"one": {**plain(record), "max_concurrent": 1}})
    session = mcp.Session(hub, "/mcp/one")
    session.call("echo", {"text": "warm"})
    first = threading.Thread(target=lambda: session.call("wait", {"ms": 1500}))
    first.start()
    processes.wait_for(lambda: '"wait"' in record.path.read_text(), 10, "the first call at the server")
    second = threading.Thread(target=lambda: session.post(mcp.request("tools/call", {"name": "echo", "arguments": {"text": "never"}}, id="taken"), timeout=10))
    second.daemon = True
    second.start()
    status = lambda: json.loads(hub.cli("status", "--json").stdout)["calls"]
    processes.wait_for(lambda: status()["in_flight"] == 2, 10, "both calls in flight")
    session.notify("notifications/cancelled", {"requestId": "taken"})
    processes.wait_for(lambda: status()["cancelled"] == 1, 10, "the second call taken back")
    first.join(30)
    assert mcp.text_of(session.call("echo", {"text": "after"})) == "after"
    assert "never" not in record.path.read_text()


def test_a_server_that_crashes_again_and_again_is_in_a_crash_loop_until_it_is_restarted(make_hub, record):
    hub = make_hub({"loop": {**plain(record), "crash_limit": 2}})
    for _ in range(2):
        session = mcp.Session(hub, "/mcp/loop")
        try:
            session.call("crash")
        except mcp.RpcError:
            pass
        processes.wait_for(lambda: row_of(hub, "loop")["state"] in ("known", "failed"), 10, "the end of the server")
    row = row_of(hub, "loop")
    assert row["state"] == "failed" and "crash loop: it ended 2 times in a row" in row["last_error"]
    said = hub.cli("servers", "-v").stdout
    assert "loop: failed for" in said and "slm-hub restart loop at once" in said
    assert hub.cli("restart", "loop").returncode == 0
    assert mcp.text_of(mcp.Session(hub, "/mcp/loop").call("echo", {"text": "again"})) == "again"


def test_a_server_with_more_memory_than_it_may_have_is_ended_and_says_so(make_hub, record):
    hub = make_hub({"big": {**plain(record), "hub": {"memoryMb": 4}}})
    mcp.Session(hub, "/mcp/big").call("echo", {"text": "there"})
    processes.wait_for(lambda: "more than the 4 MiB" in row_of(hub, "big")["last_error"], 30, "the end of the server")
    assert "memory_mb" in row_of(hub, "big")["fix"]


def test_a_server_that_has_used_its_processor_time_is_ended_and_says_so(make_hub, record):
    hub = make_hub({"busy": {**plain(record), "cpu_seconds": 1}})
    session = mcp.Session(hub, "/mcp/busy")
    session.call("echo", {"text": "there"})
    with pytest.raises(mcp.RpcError) as refusal:
        session.call("burn", {"ms": 20_000})
    assert "cpu_seconds" in str(refusal.value)
    assert 'raise "cpu_seconds"' in row_of(hub, "busy")["fix"]


@pytest.fixture
def delegated_group():
    """A control group for a hub alone, such as systemd gives to a unit with `Delegate=`."""
    mount = next((Path(line.split()[1]) for line in Path("/proc/mounts").read_text().splitlines() if line.split()[2] == "cgroup2"), None)
    if not mount or os.geteuid() != 0 or "cpu" not in (mount / "cgroup.controllers").read_text().split():
        pytest.skip("there is no control group of version 2 with processors to divide")
    (mount / "cgroup.subtree_control").write_text("+cpu")
    group = mount / f"slm-hub-test-{os.getpid()}"
    group.mkdir()
    yield group
    for below in [*group.iterdir()]:
        if below.is_dir():
            below.rmdir()
    group.rmdir()


def test_a_server_gets_no_more_processors_than_it_may_have(make_hub, record, delegated_group):
    hub = make_hub({"slow": {**plain(record), "cpus": 0.25}, "fast": plain(record)}, start=False)
    hub.prefix = ["sh", "-c", f'echo $$ > {delegated_group}/cgroup.procs && exec "$@"', "sh"]
    hub.start()
    took = lambda name: int(mcp.text_of(mcp.Session(hub, f"/mcp/{name}").call("burn", {"ms": 500})))
    assert took("slow") > 1200
    assert took("fast") < 1200
    assert [below.name for below in delegated_group.iterdir() if below.is_dir() and below.name != "hub"] == [f"run-{row_of(hub, 'slow')['pid']}"]
    hub.stop()
    assert [below.name for below in delegated_group.iterdir() if below.is_dir()] == ["hub"]


def test_defaults_hold_for_servers_that_say_nothing_else(make_hub, record):
    servers = {"short": plain(record), "long": {**plain(record), "idle_seconds": 600}}
    hub = make_hub(servers, {"defaults": {"idleSeconds": 1}})
    for name in servers:
        mcp.Session(hub, f"/mcp/{name}").call("echo", {"text": "there"})
    processes.wait_for(lambda: row_of(hub, "short")["state"] == "known", 15, "the idle server stopped")
    assert "nobody has used it for 1 s" in row_of(hub, "short")["why"]
    assert row_of(hub, "long")["state"] == "ready" and "without a call it is stopped in" in row_of(hub, "long")["next"]
    hub.configure({"short": {**plain(record), "idle_seconds": "soon"}})
    refused = hub.cli("reload")
    assert refused.returncode == 1 and "idle_seconds" in refused.stderr


def test_a_program_that_a_poor_path_does_not_have_is_found_where_people_put_it(make_hub, tmp_path):
    entry = places.our_server("plain.py")
    hub = make_hub({"poor": {"command": "my-server", "args": [], "env": {"PATH": "/nowhere"}}})
    refused = hub.cli("call", "poor__echo", "text=hi")
    assert refused.returncode == 1
    said = hub.cli("status").stdout
    assert "my-server: not found in PATH /nowhere, nor in" in said and "fix:" in said
    folder = hub.home / ".local" / "bin"
    folder.mkdir(parents=True)
    script = folder / "my-server"
    words = " ".join(f"'{word}'" for word in [entry["command"], *entry["args"]])
    script.write_text(f"#!/bin/sh\nexec {words}\n")
    script.chmod(0o755)
    assert hub.cli("restart", "poor").returncode == 0
    assert hub.cli("call", "poor__echo", "text=hi").stdout.strip() == "hi"


def test_secrets_come_from_files_and_from_programs_that_are_allowed(make_hub, tmp_path, record):
    token = tmp_path / "token"
    token.write_text("file-secret-1\n")
    token.chmod(0o600)
    env = {"A": f"${{file:{token}}}", "B": "${cmd:printf cmd-secret-%s 2}"}
    entry = {**plain(record), "env": env}
    hub = make_hub({"plain": entry})
    said = hub.cli("call", "plain__environment", "name=B")
    assert said.returncode == 1
    status = hub.cli("status").stdout
    assert "the hub runs no programs for secrets" in status and '"secret_commands": true' in status
    hub.settings["secret_commands"] = True
    hub.configure({"plain": entry})
    assert hub.cli("restart").returncode == 0
    assert hub.cli("call", "plain__environment", "name=B").stdout.strip() == "cmd-secret-2"
    assert hub.cli("call", "plain__environment", "name=A").stdout.strip() == "file-secret-1"
    assert "cmd-secret-2" not in hub.log() and "file-secret-1" not in hub.log()
    token.chmod(0o644)
    hub.cli("restart", "plain")
    assert f"chmod 600 {token}" in hub.cli("status").stdout


def test_a_keyring_that_is_not_there_is_named_with_the_fix(make_hub, record):
    hub = make_hub({"plain": {**plain(record), "env": {"A": "${keyring:github}"}}})
    hub.cli("call", "plain__echo", "text=hi")
    status = hub.cli("status").stdout
    assert "${keyring:github}" in status and "fix:" in status


@pytest.fixture
def keyring(tmp_path):
    """A keyring of its own on a bus of its own: the environment that leads to it."""
    home = tmp_path / "keyring"
    home.mkdir(mode=0o700)
    env = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "XDG_DATA_HOME": str(home / "data")}
    bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"], env=env, stdout=subprocess.PIPE, text=True)
    env["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
    keeper = subprocess.Popen(["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"], env=env, stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    keeper.stdin.write(b"password")
    keeper.stdin.close()

    def kept():
        words = ["dbus-send", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"]
        return "true" in subprocess.run(words, env=env, capture_output=True, text=True, timeout=20).stdout

    def store():
        words = ["secret-tool", "store", "--label=slm-hub github", "service", "slm-hub", "account", "github"]
        return subprocess.run(words, env=env, input=b"keyring-secret-1", stderr=subprocess.DEVNULL, timeout=20).returncode == 0

    # Asked before, the bus would start another one, which is locked.
    processes.wait_for(kept, 20, "the start of the keyring")
    processes.wait_for(store, 20, "the keyring")
    yield {name: env[name] for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")}
    for process in (keeper, bus):
        process.terminate()
        process.wait(10)


def test_a_secret_comes_from_the_keyring_of_the_desktop(make_hub, record, keyring):
    hub = make_hub({"plain": {**plain(record), "env": {"A": "${keyring:github}"}}, "none": {**plain(record), "env": {"A": "${keyring:gitlab}"}}}, env=keyring)
    assert hub.cli("call", "plain__environment", "name=A").stdout.strip() == "keyring-secret-1"
    assert "keyring-secret-1" not in hub.log()
    assert hub.cli("call", "none__environment", "name=A").returncode == 1
    status = hub.cli("status").stdout
    assert "the keyring has no such secret" in status and "account gitlab" in status


def test_a_secret_that_takes_long_holds_up_its_own_server_alone_and_not_the_end_of_the_hub(make_hub, record):
    slow = {**places.our_server("plain.py"), "env": {"A": "${cmd:echo asked >&2; exec sleep 9}"}}
    quick = {**plain(record), "env": {"A": "${cmd:printf quick-secret}"}}
    hub = make_hub({"slow": slow, "quick": quick}, {"secret_commands": True, "learn_unknown": False})
    waits = subprocess.Popen([places.hub_cli(), "call", "slow__echo", "text=hi"], env=hub.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    state = lambda: row_of(hub, "slow")["state"]
    processes.wait_for(lambda: state() == "starting", 10, "the start of the slow one")
    assert hub.cli("call", "quick__environment", "name=A").stdout.strip() == "quick-secret"
    assert state() == "starting"
    started = time.monotonic()
    assert hub.stop() == 0
    assert time.monotonic() - started < 6
    waits.wait(30)


def leaving(record):
    return places.our_server("rude.py", "leaves", "--record", str(record))


def leave(hub, **arguments) -> int:
    return int(mcp.text_of(mcp.Session(hub, "/mcp/one").call("leave", arguments)))


def test_what_a_server_started_in_a_session_of_its_own_ends_with_the_server(make_hub, record):
    hub = make_hub({"one": leaving(record)})
    left = leave(hub)
    assert os.getsid(left) == left
    os.kill(row_of(hub, "one")["pid"], signal.SIGKILL)
    processes.wait_for(lambda: processes.state(left) is None, 10, "the end of what had left the group")
    left = leave(hub)
    assert hub.cli("restart", "one").returncode == 0
    processes.wait_for(lambda: processes.state(left) is None, 10, "the end of what had left the group")
    left = leave(hub)
    assert hub.stop() == 0
    assert processes.state(left) is None


def test_orphans_of_a_server_that_runs_are_reaped_and_those_that_stay_are_left_alone(make_hub, record):
    hub = make_hub({"one": leaving(record)})
    left = leave(hub, storm=True)
    zombies = lambda: [pid for pid in processes.children(hub.process.pid) if processes.state(pid) == "Z"]
    processes.wait_for(lambda: not zombies(), 10, "the reaping of the orphans")
    assert processes.state(left) is not None and row_of(hub, "one")["state"] == "ready"
    assert processes.children(hub.process.pid) == [row_of(hub, "one")["pid"]]


def test_the_next_hub_ends_what_had_left_the_groups_of_a_killed_one(make_hub, record):
    hub = make_hub({"one": leaving(record)})
    left = leave(hub)
    bystander = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    hub.stop(signal.SIGKILL)
    assert processes.state(left) is not None
    hub.start()
    processes.wait_for(lambda: processes.state(left) in (None, "Z"), 10, "the end of what had left the group")
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()
