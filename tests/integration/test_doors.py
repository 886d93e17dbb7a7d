"""Doors towards clients: groups, HTTP+SSE, streams that are resumed, sessions that outlive the hub, and the bridge for stdio."""

import json
import subprocess
import threading
import time

import pytest

from rig import mcp, places, processes, wire
from test_real_clients import python, run, typescript

PLAIN = places.our_server("plain.py")
FRESH = places.our_server("plain.py", "--era", "modern", "--name", "fresh")
GROUPS = {"groups": {"web": ["plain"], "tagged": {"tags": ["dev"]}}}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    from conftest import finish
    from rig.hub import Hub

    hub = Hub(tmp_path_factory.mktemp("doors"), {"plain": PLAIN, "fresh": {**FRESH, "tags": ["dev"]}}, GROUPS).start()
    for server in ("plain", "fresh"):
        mcp.Session(hub, f"/mcp/{server}").call("echo")
    yield hub
    finish(hub)


# -- groups ------------------------------------------------------------------------


@pytest.mark.parametrize("group,member,other", [("web", "plain", "fresh"), ("tagged", "fresh", "plain")])
@pytest.mark.parametrize("client", [mcp.Session, mcp.Modern])
def test_a_group_shows_its_members_alone(hub, group, member, other, client):
    session = client(hub, f"/mcp/g/{group}")
    servers = mcp.payload_of(session.call("hub__list_servers"))["servers"]
    assert [server["server"] for server in servers] == [member]
    found = mcp.text_of(session.call("hub__search_tools", {"query": "echo text"}))
    assert f"{member}__echo" in found and other not in found
    listing = json.dumps([session.ask(f"{kind}/list") for kind in ("tools", "resources", "prompts")])
    assert f"{member}__greet" in listing and f"hub:{member}/" in listing
    assert f"{other}__" not in listing and f"hub:{other}/" not in listing
    assert mcp.text_of(session.call("hub__call_tool", {"tool": f"{member}__echo", "arguments": {"text": "in"}})) == "in"
    with pytest.raises(mcp.RpcError):
        session.call(f"{other}__echo", {"text": "out"})
    with pytest.raises(mcp.RpcError):
        session.ask("prompts/get", {"name": f"{other}__greet", "arguments": {"who": "Ada"}})


def test_a_group_has_transparent_doors_for_its_members_alone(hub):
    assert mcp.text_of(mcp.Session(hub, "/mcp/g/web/plain").call("echo", {"text": "in"})) == "in"
    reply = wire.post(hub.port, mcp.initialize(), "/mcp/g/web/fresh")
    assert reply.status == 404 and "plain" in reply.message["error"]["message"]


def test_an_unknown_group_is_404_and_names_those_that_there_are(hub):
    reply = wire.post(hub.port, mcp.initialize(), "/mcp/g/nope")
    assert reply.status == 404
    assert "web" in reply.message["error"]["message"] and "tagged" in reply.message["error"]["message"]


def test_a_session_of_a_group_is_none_of_another_door(hub):
    session = mcp.Session(hub, "/mcp/g/web")
    assert wire.post(hub.port, mcp.request("ping"), "/mcp", session.headers).status == 404


# -- HTTP+SSE ------------------------------------------------------------------------


def assert_progress(seen, sdk):
    # The TypeScript SDK 1.x forgets progress that it reads in one piece with the answer, without a hub as well. test_matrix.py sees all of it.
    assert seen["progress"] == [1, 2, 3][: len(seen["progress"]) if sdk == "typescript-1" else 3]


@pytest.mark.parametrize("sdk", ["python-1", "typescript-1"])
@pytest.mark.parametrize("server", ["plain", "fresh"])
def test_an_sdk_tours_by_http_sse(hub, tmp_path, sdk, server):
    command = {"python-1": python(1), "typescript-1": typescript(1)}[sdk]
    seen = json.loads(run(command(hub.server_url(server) + "/sse", ""), tmp_path))
    assert seen["server"] == server
    assert seen["echoed"] == "grün" and seen["counted"] == "counted to 3" and seen["error"] == -32055
    assert_progress(seen, sdk)


def test_the_federated_door_speaks_http_sse(hub, tmp_path):
    seen = json.loads(run(python(1)(hub.url.removesuffix("/mcp") + "/sse", "plain__"), tmp_path))
    assert seen["echoed"] == "grün" and "slm" in seen["server"]


# -- resumption ------------------------------------------------------------------------


def events_of(stream):
    """Each event of a stream as a dictionary of its fields."""
    fields = {}
    for raw in stream:
        line = raw.decode().rstrip("\r\n")
        if line.startswith(":"):
            continue
        if line:
            key, _, value = line.partition(":")
            fields[key] = value.removeprefix(" ")
        elif fields:
            yield fields
            fields = {}


def get_stream(hub, session, last_event=None):
    connection = wire.http_client(hub.port)
    headers = {**session.headers, "Accept": "text/event-stream"}
    connection.request("GET", session.path, headers={**headers, **({"Last-Event-ID": last_event} if last_event else {})})
    return connection.getresponse(), connection


def test_a_call_survives_its_connection(hub):
    session = mcp.Session(hub, "/mcp/plain")
    params = {"name": "count", "arguments": {"steps": 8, "ms": 100}, "_meta": {"progressToken": "t"}}
    stream = session.stream("tools/call", params, id=77)
    events = events_of(stream.response)
    priming = next(events)
    assert priming["data"] == "" and "retry" in priming
    first = next(events)
    assert json.loads(first["data"])["params"]["progress"] == 1
    stream.close()
    response, connection = get_stream(hub, session, first["id"])
    rest = [json.loads(event["data"]) for event in events_of(response)]
    assert [x["params"]["progress"] for x in rest[:-1]] == [2, 3, 4, 5, 6, 7, 8]
    assert rest[-1]["id"] == 77 and mcp.text_of(rest[-1]["result"]) == "counted to 8"
    connection.close()


def test_older_versions_get_ids_and_no_priming(hub):
    session = mcp.Session(hub, "/mcp/plain", "2025-06-18")
    params = {"name": "count", "arguments": {"steps": 2, "ms": 5}, "_meta": {"progressToken": "t"}}
    events = list(events_of(session.stream("tools/call", params).response))
    assert all(event["id"] and event["data"] for event in events) and len(events) == 3
    assert not any("retry" in event for event in events)


# -- sessions over a restart --------------------------------------------------------------


def test_a_session_outlives_the_hub(make_hub):
    hub = make_hub({"plain": PLAIN})
    session = mcp.Session(hub, "/mcp/plain", "2025-06-18")
    ended = mcp.Session(hub, "/mcp/plain")
    assert mcp.text_of(session.call("echo", {"text": "before"})) == "before"
    ended.end()
    assert hub.stop() == 0
    hub.start()
    assert mcp.text_of(session.call("echo", {"text": "after"})) == "after"
    listed = json.loads(hub.cli("status", "--json").stdout)
    assert "rig" in json.dumps(listed)
    assert wire.post(hub.port, mcp.request("ping"), "/mcp/plain", ended.headers).status == 404
    assert wire.post(hub.port, mcp.request("ping"), "/mcp", session.headers).status == 404


# -- the bridge -------------------------------------------------------------------------------


class Bridge:
    """`slm-hub connect` as a client of stdio sees it."""

    def __init__(self, hub, *arguments):
        self.process = subprocess.Popen(
            [places.hub_cli(), "connect", *arguments], env=hub.env, cwd=hub.folder,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )

    def send(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def receive(self, seconds=30):
        timer = threading.Timer(seconds, self.process.kill)
        timer.start()
        try:
            line = self.process.stdout.readline()
        finally:
            timer.cancel()
        assert line, f"the bridge ended: {self.process.stderr.read()}"
        return json.loads(line)

    def ask(self, method, params=None, id=1):
        self.send(mcp.request(method, params, id))
        while "method" in (message := self.receive()):
            pass
        assert message["id"] == id
        return message

    def open(self, version="2025-11-25"):
        self.send(mcp.initialize(version))
        hello = self.receive()["result"]
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return hello

    def finish(self):
        out, err = self.process.communicate(timeout=40)
        return self.process.returncode, out, err


@pytest.mark.parametrize("sdk", ["python-1", "typescript-1"])
@pytest.mark.parametrize("arguments", [["--server", "plain"], ["--server", "fresh"], ["--group", "web"]])
def test_an_sdk_tours_over_stdio(hub, tmp_path, sdk, arguments):
    command = {"python-1": python(1), "typescript-1": typescript(1)}[sdk]
    address = json.dumps([places.hub_cli(), "connect", *arguments])
    prefix = "" if "--server" in arguments else "plain__"
    seen = json.loads(run(command(address, prefix), tmp_path, env={"SLM_HUB_CONFIG_DIR": str(hub.config_dir)}))
    assert seen["echoed"] == "grün" and seen["counted"] == "counted to 3" and seen["error"] == -32055
    assert_progress(seen, sdk)


def test_claude_code_says_connected_over_stdio(hub, tmp_path):
    env = {"DISABLE_TELEMETRY": "1", "DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
           "SLM_HUB_CONFIG_DIR": str(hub.config_dir)}
    claude = str(places.npm_program("claude").resolve())
    run([claude, "mcp", "add", "hub", "--", places.hub_cli(), "connect"], tmp_path, env=env)
    listed = run([claude, "mcp", "list"], tmp_path, env=env)
    line = next(line for line in listed.splitlines() if line.startswith("hub:"))
    assert "Connected" in line, listed


def test_the_bridge_answers_everything_before_it_ends(hub):
    bridge = Bridge(hub, "--server", "plain")
    bridge.open()
    for number in range(20):
        bridge.send(mcp.request("tools/call", {"name": "echo", "arguments": {"text": str(number)}}, number + 1))
    code, out, err = bridge.finish()
    answers = {message["id"]: mcp.text_of(message["result"]) for message in map(json.loads, out.splitlines())}
    assert code == 0 and answers == {number + 1: str(number) for number in range(20)}, err


def test_the_bridge_carries_stateless_requests(hub):
    bridge = Bridge(hub, "--server", "fresh")
    params = mcp.modern_params({"name": "echo", "arguments": {"text": "grün"}})
    answer = bridge.ask("tools/call", params, "x")
    assert mcp.text_of(answer["result"]) == "grün" and answer["result"]["resultType"] == "complete"
    assert bridge.finish()[0] == 0


def test_the_bridge_says_what_is_no_message(hub):
    bridge = Bridge(hub)
    bridge.process.stdin.write("not json\n")
    bridge.process.stdin.flush()
    assert bridge.receive()["error"]["code"] == -32700
    assert bridge.finish()[0] == 0


def test_the_bridge_passes_on_why_there_is_no_such_server(hub):
    bridge = Bridge(hub, "--server", "nope")
    bridge.send(mcp.initialize())
    assert "nope" in bridge.receive()["error"]["message"]
    code, _, err = bridge.finish()
    assert code == 0 and "nope" in err


def test_the_bridge_goes_on_when_the_hub_is_started_anew(make_hub):
    hub = make_hub({"plain": PLAIN})
    bridge = Bridge(hub, "--server", "plain")
    bridge.open()
    assert mcp.text_of(bridge.ask("tools/call", {"name": "echo", "arguments": {"text": "a"}}, 1)["result"]) == "a"
    assert hub.stop() == 0
    hub.start()
    assert mcp.text_of(bridge.ask("tools/call", {"name": "echo", "arguments": {"text": "b"}}, 2)["result"]) == "b"
    assert bridge.finish()[0] == 0


def test_the_bridge_makes_a_lost_session_anew(make_hub):
    hub = make_hub({"plain": PLAIN})
    bridge = Bridge(hub, "--server", "plain")
    bridge.open()
    bridge.ask("ping")
    assert hub.stop() == 0
    for file in hub.config_dir.glob("hub.db*"):
        file.unlink()
    hub.start()
    assert mcp.text_of(bridge.ask("tools/call", {"name": "echo", "arguments": {"text": "b"}}, 2)["result"]) == "b"
    assert bridge.finish()[0] == 0


def test_the_bridge_says_at_once_why_the_hub_cannot_start(make_hub):
    hub = make_hub({"plain": PLAIN}, start=False)
    (hub.config_dir / "config.json").write_text('{"port": 0,\n "mcpServers": [}')
    bridge = Bridge(hub, "--server", "plain")
    began = time.monotonic()
    bridge.send(mcp.initialize("2025-11-25"))
    error = bridge.receive()["error"]
    assert time.monotonic() - began < 15
    assert "cannot start" in error["message"] and "config.json:2:" in error["message"]
    _, _, err = bridge.finish()
    assert "config.json:2:" in err


def test_the_bridge_starts_the_hub(make_hub):
    hub = make_hub({"plain": PLAIN}, start=False)
    bridge = Bridge(hub, "--server", "plain")
    assert bridge.open()["serverInfo"]["name"] == "plain"
    code, _, err = bridge.finish()
    assert code == 0 and "starting one" in err
    assert hub.cli("stop").returncode == 0
    processes.wait_for(lambda: not hub.servers_alive(), 10, "the end of the servers")
