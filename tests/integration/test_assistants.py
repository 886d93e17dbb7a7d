"""Coding assistants' own MCP clients at the hub's doors, over HTTP and over stdio; none needs a login for that. Claude Code is in test_real_clients.py."""

import json
import os
import re
import subprocess
import threading

import pytest

from rig import mcp, places
from test_real_clients import META_TOOLS, python, run

# Each starts programs that take seconds, and more on a busy machine.
pytestmark = pytest.mark.timeout(240)

BIN = places.PACKAGES / "assistants" / "node_modules" / ".bin"


def program(name: str) -> list[str]:
    """A program from npm, run by the Node that it needs."""
    return [places.node(), str((BIN / name).resolve())]


def bridge(hub, *arguments: str) -> list[str]:
    """The command that joins a client over stdio; some clients keep their environment to themselves."""
    return [places.hub_cli(), "connect", "--config-dir", str(hub.config_dir), *arguments]


def entries(hub, http_key="url", **more) -> dict:
    """The hub's doors as `mcpServers` of a client: the federated and a transparent one over HTTP, and both over stdio."""
    command, *arguments = bridge(hub)
    return {
        "hub": {http_key: hub.url, **more},
        "one": {http_key: hub.server_url("plain"), **more},
        "hub-stdio": {"command": command, "args": arguments},
        "one-stdio": {"command": command, "args": [*arguments, "--server", "fresh"]},
    }


@pytest.fixture(scope="module")
def hub(plain_hub):
    """The hub that the tests of this file share, with its servers known and running."""
    for server in ("plain", "fresh"):
        mcp.Session(plain_hub, f"/mcp/{server}").call("echo")
    return plain_hub


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def output(command: list[str], folder, home) -> str:
    """What a client says on either stream, without its colours."""
    done = subprocess.run(
        command, cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(home)}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
    )
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    assert done.returncode == 0, f"{command}: exit code {done.returncode}\n{said}"
    return said


def assert_connected(listed: str, names):
    for name in names:
        assert re.search(rf"✓ {name}[ :].*\bconnected", listed, re.IGNORECASE), f"{name} is not connected:\n{listed}"


@pytest.mark.parametrize("client", ["gemini", "qwen"])
def test_gemini_and_qwen_code_say_connected(hub, tmp_path, client):
    work = tmp_path / "work"
    work.mkdir()
    servers = entries(hub, "httpUrl")
    write(tmp_path / f".{client}" / "settings.json", {"mcpServers": servers})
    write(tmp_path / f".{client}" / "trustedFolders.json", {str(work): "TRUST_FOLDER"})
    assert_connected(output([*program(client), "mcp", "list"], work, tmp_path), servers)


def test_opencode_says_connected(hub, tmp_path):
    servers = {
        name: {"type": "remote", "url": entry["url"]} if "url" in entry else {"type": "local", "command": [entry["command"], *entry["args"]]}
        for name, entry in entries(hub).items()
    }
    write(tmp_path / "opencode.json", {"mcp": servers, "autoupdate": False})
    assert_connected(output([str(BIN / "opencode"), "mcp", "list"], tmp_path, tmp_path), servers)


def test_mcporter_lists_and_calls(hub, tmp_path):
    mcporter = lambda *arguments: run([*program("mcporter"), *arguments], tmp_path, 120)
    listed = mcporter("list", "--http-url", hub.url, "--allow-http", "--name", "hub")
    assert all(f"function {tool}(" in listed for tool in META_TOOLS)
    at = ["--http-url", hub.server_url("fresh"), "--allow-http", "--name", "one"]
    assert "grün" in mcporter("call", *at, "echo", "text=grün", "--output", "raw")
    over = ["--stdio", " ".join(bridge(hub)), "--name", "bridged"]
    arguments = json.dumps({"tool": "plain__echo", "arguments": {"text": "grün"}})
    assert "grün" in mcporter("call", *over, "hub__call_tool", "--args", arguments, "--output", "raw")


def test_mcp_remote_connects(hub, tmp_path):
    assert "Connected successfully" in output([*program("mcp-remote-client"), hub.url, "--allow-http"], tmp_path, tmp_path)


@pytest.mark.parametrize("server", ["plain", "fresh"])
def test_an_sdk_tours_through_mcp_remote(hub, tmp_path, server):
    """A client of stdio, the bridge of another maker, and the hub."""
    address = json.dumps([*program("mcp-remote"), hub.server_url(server), "--allow-http"])
    seen = json.loads(run(python(1)(address, ""), tmp_path, 120))
    assert seen["server"] == server and seen["echoed"] == "grün" and seen["counted"] == "counted to 3"
    assert seen["contents"] == [f"{server}: note://one", f"{server}: file:///etc/plain.conf"]
    assert seen["prompt"] == "Hello, Ada!" and seen["error"] == -32055


class Codex:
    """`codex app-server`, which speaks JSON-RPC without its version over stdio."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [*program("codex"), "app-server"], cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        self.timer = threading.Timer(120, self.process.kill)
        self.timer.start()
        self.ids = 0
        self.ask("initialize", {"clientInfo": {"name": "rig", "title": "rig", "version": "1"}})
        self.send({"method": "initialized"})

    def send(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def ask(self, method, params):
        self.ids += 1
        self.send({"id": self.ids, "method": method, "params": params})
        for line in self.process.stdout:
            message = json.loads(line)
            if message.get("id") == self.ids and "method" not in message:
                assert "result" in message, message
                return message["result"]
        raise AssertionError("codex app-server ended")

    def end(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.timer.cancel()


def test_codex_knows_the_tools_and_calls_them(hub, tmp_path):
    servers = entries(hub)
    lines = []
    for name, entry in servers.items():
        lines += [f"[mcp_servers.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in entry.items())]
    write(tmp_path / ".codex" / "config.toml", "check_for_update_on_startup = false\n" + "\n".join(lines) + "\n")
    codex = Codex(tmp_path)
    try:
        states = {state["name"]: state for state in codex.ask("mcpServerStatus/list", {})["data"]}
        assert set(states["hub"]["tools"]) == set(states["hub-stdio"]["tools"]) == META_TOOLS
        assert "echo" in states["one"]["tools"] and "echo" in states["one-stdio"]["tools"]
        thread = codex.ask("thread/start", {"cwd": str(tmp_path)})["thread"]["id"]
        call = lambda server, tool, arguments: codex.ask(
            "mcpServer/tool/call", {"threadId": thread, "server": server, "tool": tool, "arguments": arguments}
        )
        for name in servers:
            if name.startswith("hub"):
                called = call(name, "hub__call_tool", {"tool": "plain__echo", "arguments": {"text": name}})
            else:
                called = call(name, "echo", {"text": name})
            assert mcp.text_of(called) == name
    finally:
        codex.end()
