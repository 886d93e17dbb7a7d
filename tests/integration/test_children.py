"""What a server's process has of the system: variables, descriptors, its group, and less of it in a sandbox."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from rig import mcp, places

TOOLS = [{"name": name, "inputSchema": {"type": "object"}} for name in ("facts", "write", "connect")]


@pytest.fixture
def server(tmp_path):
    definitions = tmp_path / "tools.json"
    definitions.write_text(json.dumps(TOOLS))
    return places.our_server("shifting.py", str(definitions))


def facts_of(hub, name="s") -> dict:
    return json.loads(mcp.text_of(mcp.Session(hub, f"/mcp/{name}").call("facts")))


def bubblewrap_fault() -> str:
    """Why sandboxes cannot be tested here; empty if they can."""
    if not shutil.which("bwrap"):
        return "bubblewrap is not installed"
    tried = subprocess.run(
        ["bwrap", "--unshare-pid", "--unshare-ipc", "--unshare-net", "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "true"],
        capture_output=True, text=True, timeout=60,
    )
    return "" if tried.returncode == 0 else f"bubblewrap does not run here: {tried.stderr.strip()}"


needs_bubblewrap = pytest.mark.skipif(bool(bubblewrap_fault()), reason=bubblewrap_fault() or "never")


def test_a_child_has_three_descriptors_a_group_of_its_own_and_few_variables(make_hub, server):
    hub = make_hub({"s": server, "t": server}, env={"HIDDEN_TOKEN": "s3cret-value", "LC_TIME": "C"})
    for name in ("s", "t"):
        facts = facts_of(hub, name)
        # The fourth is the folder that the server reads to find out.
        assert facts["descriptors"][:3] == [0, 1, 2] and len(facts["descriptors"]) <= 4
        assert facts["group"] == facts["pid"]
        assert "HIDDEN_TOKEN" not in facts["env"] and facts["env"]["LC_TIME"] == "C"
        assert not any(variable.startswith("SLM_HUB_") and variable != "SLM_HUB_RUN" for variable in facts["env"])


def test_a_child_inherits_what_its_entry_names(make_hub, server):
    env = {"HIDDEN_TOKEN": "s3cret-value", "OTHER_TOKEN": "other"}
    hub = make_hub({"s": {**server, "inherit_env": ["HIDDEN_TOKEN"]}, "t": {**server, "inherit_env": True}}, env=env)
    named, everything = facts_of(hub, "s")["env"], facts_of(hub, "t")["env"]
    assert named["HIDDEN_TOKEN"] == "s3cret-value" and "OTHER_TOKEN" not in named
    assert everything["OTHER_TOKEN"] == "other"


def test_a_sandbox_without_bubblewrap_says_what_to_install(make_hub, server, tmp_path):
    entry = {**server, "command": os.path.realpath(server["command"]), "sandbox": "strict"}
    hub = make_hub({"s": entry}, env={"PATH": str(tmp_path)})
    with pytest.raises(mcp.RpcError) as refusal:
        mcp.Session(hub, "/mcp/s").call("facts")
    assert "bubblewrap" in f"{refusal.value} {refusal.value.data}"


@needs_bubblewrap
def test_a_read_only_sandbox_writes_only_where_it_may(make_hub, server, tmp_path):
    # The sandbox has a /tmp of its own, so what the server reads lies where it may write.
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    script, definitions = map(Path, server["args"][-2:])
    for file in (script, script.parent / "basis.py", definitions):
        shutil.copy(file, allowed)
    # An interpreter of a virtual environment may lie there, too; the system's own does not.
    interpreter = os.path.realpath(server["command"])
    if interpreter.startswith("/tmp/"):
        pytest.skip("the interpreter lies in /tmp, which the sandbox hides")
    entry = {**server, "command": interpreter, "args": ["-S", "-E", str(allowed / script.name), str(allowed / definitions.name)]}
    hub = make_hub({"s": {**entry, "sandbox": {"profile": "read-only", "write": [str(allowed)]}}})
    session = mcp.Session(hub, "/mcp/s")
    assert mcp.text_of(session.call("write", {"path": str(allowed / "x")})) == "done"
    assert (allowed / "x").exists()
    assert mcp.text_of(session.call("write", {"path": "/usr/x"})) == "Read-only file system"
    assert mcp.text_of(session.call("write", {"path": "/tmp/only-mine"})) == "done"
    assert not Path("/tmp/only-mine").exists()


@needs_bubblewrap
def test_a_sandbox_without_network_reaches_nothing(make_hub, server):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        hub = make_hub({"s": {**server, "sandbox": "no-network"}, "t": server})
        assert mcp.text_of(mcp.Session(hub, "/mcp/t").call("connect", {"port": port})) == "done"
        assert mcp.text_of(mcp.Session(hub, "/mcp/s").call("connect", {"port": port})) != "done"


def test_values_of_secrets_do_not_show_in_logs_states_and_errors(make_hub, tmp_path):
    hub = make_hub({}, start=False)
    secrets = hub.config_dir / "secrets.env"
    secrets.write_text("MY_SECRET=hush-hush-value\n")
    secrets.chmod(0o600)
    script = "import os, sys; print('I have', os.environ['GIVEN'], file=sys.stderr, flush=True); sys.exit(3)"
    hub.configure({"s": {"command": sys.executable, "args": ["-c", script], "env": {"GIVEN": "${MY_SECRET}"}}})
    hub.start()
    with pytest.raises(mcp.RpcError) as refusal:
        mcp.Session(hub, "/mcp/s").call("anything")
    told = f"{refusal.value} {refusal.value.data} {hub.cli('status').stdout} {hub.cli('logs', 's').stdout} {hub.log()}"
    assert "I have ***" in told and "hush-hush-value" not in told
    kept = [path for path in hub.config_dir.rglob("*") if path.is_file() and path != secrets]
    assert not any(b"hush-hush-value" in path.read_bytes() for path in kept)


def test_a_secrets_file_that_others_may_read_is_not_taken(make_hub, server):
    hub = make_hub({}, start=False)
    secrets = hub.config_dir / "secrets.env"
    secrets.write_text("MY_SECRET=hush-hush-value\n")
    secrets.chmod(0o644)
    hub.configure({"s": {**server, "env": {"GIVEN": "${MY_SECRET}"}}})
    hub.start()
    with pytest.raises(mcp.RpcError) as refusal:
        mcp.Session(hub, "/mcp/s").call("facts")
    assert "MY_SECRET" in str(refusal.value)
    assert "chmod 600" in hub.log()
