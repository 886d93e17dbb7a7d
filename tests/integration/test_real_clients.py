"""Real clients against both doors: the official SDKs in both generations, MCP Inspector, and Claude Code's own health check."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from rig import mcp, places, processes

CLIENTS = Path(__file__).parent / "clients"
META_TOOLS = {"hub__search_tools", "hub__call_tool", "hub__list_servers"}


def run(command: list[str], folder: Path, seconds=60, env: dict | None = None) -> str:
    """Runs a client with a scratch HOME; gives its stdout, fails with all it said."""
    found = {"PATH": os.environ["PATH"], "HOME": str(folder), "INTEGRATION_MODULES": str(places.npm_folder("integration").resolve()), **(env or {})}
    done = subprocess.run(command, cwd=folder, env=found, capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{command}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def python(number):
    return lambda *arguments: [places.python(f"sdk{number}"), str(CLIENTS / f"python{number}.py"), *arguments]


def typescript(number, *mode):
    return lambda *arguments: [places.node(), str(CLIENTS / f"typescript{number}.mjs"), *arguments, *mode]


SDKS = {
    "python-1": (python(1), "2025-11-25"),
    "python-2": (python(2), "2026-07-28"),
    "typescript-1": (typescript(1), "2025-11-25"),
    "typescript-2": (typescript(2, "auto"), "2026-07-28"),
    "typescript-2-legacy": (typescript(2, "legacy"), "2025-11-25"),
}


@pytest.mark.parametrize("sdk", SDKS)
@pytest.mark.parametrize("server", ["plain", "fresh"])
def test_an_sdk_tours_the_transparent_door(plain_hub, tmp_path, sdk, server):
    command, version = SDKS[sdk]
    seen = json.loads(run(command(plain_hub.server_url(server), ""), tmp_path))
    assert seen["version"] == version
    assert seen["server"] == server
    assert {"echo", "count", "wait"} <= set(seen["tools"])
    assert seen["echoed"] == "grün" and seen["counted"] == "counted to 3"
    assert seen["progress"] == [1, 2, 3]
    assert seen["contents"] == [f"{server}: note://one", f"{server}: file:///etc/plain.conf"]
    assert seen["prompt"] == "Hello, Ada!"
    assert seen["error"] == -32055


@pytest.mark.parametrize("sdk", SDKS)
def test_an_sdk_tours_the_federated_door(plain_hub, tmp_path, sdk):
    for server in ("plain", "fresh"):
        mcp.Session(plain_hub, f"/mcp/{server}").call("echo")
    command, version = SDKS[sdk]
    seen = json.loads(run(command(plain_hub.url, "plain__"), tmp_path))
    assert seen["version"] == version
    assert "slm" in seen["server"]
    assert set(seen["tools"]) == META_TOOLS
    assert seen["echoed"] == "grün" and seen["counted"] == "counted to 3"
    assert seen["progress"] == [1, 2, 3]
    expected = {f"{server}: {uri}" for server in ("plain", "fresh") for uri in ("note://one", "file:///etc/plain.conf")}
    assert set(seen["contents"]) == expected
    assert seen["prompt"] == "Hello, Ada!"
    assert seen["error"] == -32055


@pytest.mark.parametrize("era", ["legacy", "modern", "auto"])
def test_the_inspector_lists_and_calls(plain_hub, tmp_path, era):
    inspector = [places.node(), str(places.npm_program("mcp-inspector").resolve()), "--cli"]
    ask = lambda url, *arguments: json.loads(run([*inspector, url, "--transport", "http", "--protocol-era", era, "--method", *arguments], tmp_path))
    tools = ask(plain_hub.url, "tools/list")["tools"]
    assert {tool["name"] for tool in tools} == META_TOOLS
    called = ask(plain_hub.server_url("plain"), "tools/call", "--tool-name", "echo", "--tool-arg", "text=hello")
    assert mcp.text_of(called) == "hello"
    resources = ask(plain_hub.url, "resources/list")["resources"]
    assert len(resources) >= 2


def test_claude_code_says_connected(plain_hub, tmp_path):
    env = {"DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
    claude = str(places.npm_program("claude").resolve())
    mcp.Session(plain_hub, "/mcp/plain").call("echo")
    run([claude, "mcp", "add", "--transport", "http", "hub", plain_hub.url], tmp_path, env=env)
    run([claude, "mcp", "add", "--transport", "http", "one", plain_hub.server_url("plain")], tmp_path, env=env)
    listed = run([claude, "mcp", "list"], tmp_path, env=env)
    for name in ("hub", "one"):
        line = next(line for line in listed.splitlines() if line.startswith(f"{name}:"))
        assert "Connected" in line, listed


def test_clients_leave_no_descriptors_behind(plain_hub, tmp_path):
    before = len(processes.descriptors(plain_hub.pid))
    command, _ = SDKS["typescript-1"]
    for _ in range(3):
        run(command(plain_hub.server_url("plain"), ""), tmp_path)
    processes.wait_for(lambda: len(processes.descriptors(plain_hub.pid)) <= before + 3, 10, "the end of the clients' connections")
