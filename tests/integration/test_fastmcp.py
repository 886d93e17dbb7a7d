"""FastMCP: its servers behind the hub, which log and report progress, and its command line in front of it."""

import json

import pytest
from conftest import finish

from rig import mcp, places
from rig.http_servers import HttpServer
from rig.hub import Hub
from test_real_clients import META_TOOLS, run

# Each starts programs that take seconds, and more on a busy machine.
pytestmark = pytest.mark.timeout(240)

SERVER = [places.python("fastmcp"), str(places.SERVERS / "logging_fastmcp.py")]
CLIENTS = {"handshake": mcp.Session, "stateless": mcp.Modern}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A hub with one FastMCP server over stdio and one over streamable HTTP."""
    folder = tmp_path_factory.mktemp("fastmcp")
    remote = HttpServer(folder, [*SERVER, "{port}"]).start(60)
    over = {"stdio": {"command": SERVER[0], "args": SERVER[1:]}, "http": {"type": "http", "url": remote.url}}
    hub = Hub(folder, over).start()
    for name in over:
        mcp.Session(hub, f"/mcp/{name}").call("echo", {"text": "learnt"})
    yield hub
    finish(hub)
    remote.stop()


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("server", ["stdio", "http"])
def test_progress_and_log_lines_of_a_fastmcp_server_arrive(hub, server, client):
    asker = CLIENTS[client](hub, f"/mcp/{server}")
    meta = {"progressToken": 7}
    if client == "handshake":
        asker.ask("logging/setLevel", {"level": "info"})
    else:
        meta[mcp.META + "logLevel"] = "info"
    *said, answer = asker.stream("tools/call", {"name": "count", "arguments": {"steps": 3, "ms": 5}, "_meta": meta})
    progress = [m["params"] for m in said if m.get("method") == "notifications/progress"]
    assert [(p["progressToken"], p["progress"], p["message"]) for p in progress] == [(7, n, f"step {n}") for n in (1, 2, 3)]
    assert ["step" in json.dumps(m["params"]["data"]) for m in said if m.get("method") == "notifications/message"] == [True] * 3
    assert mcp.text_of(answer["result"]) == "counted to 3"


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("server", ["stdio", "http"])
def test_a_fastmcp_server_is_used_through_its_own_door(hub, server, client):
    asker = CLIENTS[client](hub, f"/mcp/{server}")
    assert {tool["name"] for tool in asker.ask("tools/list")["tools"]} == {"echo", "count", "fail"}
    failed = asker.call("fail")
    assert failed["isError"] and "it failed" in mcp.text_of(failed)
    assert asker.ask("resources/read", {"uri": "note://one"})["contents"][0]["text"] == "fastmcp: note://one"
    assert asker.ask("prompts/get", {"name": "greet", "arguments": {"who": "Ada"}})["messages"][0]["content"]["text"] == "Hello, Ada!"


def fastmcp(folder, *arguments):
    """Runs the command line of FastMCP; gives the JSON that it prints."""
    program = places.PACKAGES / "fastmcp" / "bin" / "fastmcp"
    env = {"FASTMCP_CHECK_FOR_UPDATES": "off"}
    return json.loads(run([places.python("fastmcp"), str(program), *arguments, "--json"], folder, 120, env))


def test_fastmcp_lists_and_calls_at_both_doors(plain_hub, tmp_path):
    mcp.Session(plain_hub, "/mcp/plain").call("echo")
    assert "hello" in json.dumps(fastmcp(tmp_path, "call", plain_hub.server_url("fresh"), "echo", "text=hello"))
    assert {tool["name"] for tool in fastmcp(tmp_path, "list", plain_hub.url)["tools"]} == META_TOOLS
    called = fastmcp(tmp_path, "call", plain_hub.url, "hub__call_tool", "--input-json", '{"tool": "plain__echo", "arguments": {"text": "grün"}}')
    assert "grün" in json.dumps(called, ensure_ascii=False)


def test_fastmcp_calls_over_stdio(plain_hub, tmp_path):
    bridge = f"{places.hub_cli()} connect --config-dir {plain_hub.config_dir} --server plain"
    called = fastmcp(tmp_path, "call", "--command", bridge, "--target", "echo", "--input-json", '{"text": "hello"}')
    assert "hello" in json.dumps(called)
