"""Each kind of client reaches each kind of server with each feature: doors x versions x transports and eras of the server x features.

The server is the conformance fixture on the official TypeScript SDK: over stdio and streamable HTTP on the one that speaks both
eras (`era` in the configuration makes the hub speak one of them), over HTTP+SSE on the transport of SDK 1.x. What the specification
itself rules out is named in RULED_OUT and refused in the proper way, or is no combination at all: HTTP+SSE has no stateless era.
"""

import contextlib
import json
import os
import subprocess

import pytest

from rig import mcp, places, processes
from rig.doors import DOORS, methods
from rig.hub import Hub

FIXTURE = str(places.ROOT / "tests" / "conformance" / "fixture" / "server.mjs")
FIXTURE_ENV = {"CONFORMANCE_MODULES": str(places.npm_folder("conformance").resolve())}
SERVERS = ["stdio-handshake", "stdio-stateless", "http-handshake", "http-stateless", "sse-handshake"]
VERSIONS = [*mcp.HANDSHAKE_VERSIONS, mcp.MODERN]
CAPABILITIES = {"sampling": {}, "elicitation": {"form": {}}, "roots": {}}
ANSWERS = {
    "sampling/createMessage": {"role": "assistant", "content": {"type": "text", "text": "Paris"}, "model": "m"},
    "elicitation/create": {"action": "accept", "content": {"name": "Ada"}},
    "roots/list": {"roots": [{"uri": "file:///work", "name": "work"}]},
}

# Elicitation came with 2025-06-18: an older client cannot have declared it.
RULED_OUT = {("elicitation", "2024-11-05"), ("elicitation", "2025-03-26")}
# HTTP+SSE has an event stream for each client, and 2026-07-28 has no such thing.
COMBINATIONS = [(d, s, v) for d in DOORS for s in SERVERS for v in VERSIONS if (d, v) != ("sse", mcp.MODERN)]


@contextlib.contextmanager
def fixture_over(door, folder):
    """Runs the fixture with one of its doors over HTTP; gives its URL."""
    with open(folder / f"fixture-{door}.log", "wb") as log:
        env = {"PATH": os.environ["PATH"], **FIXTURE_ENV}
        fixture = subprocess.Popen([places.node(), FIXTURE, door, "0"], env=env, stdout=subprocess.PIPE, stderr=log)
    try:
        yield fixture.stdout.readline().decode().strip()
    finally:
        fixture.terminate()
        fixture.wait()


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("matrix")
    stdio = {"command": places.node(), "args": [FIXTURE, "stdio"], "env": FIXTURE_ENV}
    with fixture_over("http", folder) as http, fixture_over("sse", folder) as sse:
        kinds = {"stdio": stdio, "http": {"url": http}, "sse": {"url": sse, "type": "sse"}}
        servers = {name: {**kinds[name.split("-")[0]], "era": name.split("-")[1]} for name in SERVERS}
        found = Hub(folder / "hub", servers).start()
        yield found
        print(found.log()[-4000:])
        found.finish()


class Client:
    """A client of one version at one door of one server, which answers what it is asked."""

    def __init__(self, hub, door, server, version):
        self.modern = version == mcp.MODERN
        self.hub = hub
        self.server = server
        self.version = version
        declared = {k: v for k, v in CAPABILITIES.items() if (k, version) not in RULED_OUT}
        self.peer = DOORS[door](hub, f"/mcp/{server}", version, declared)
        self.asked = []

    def answer(self, request):
        self.asked.append(request["method"])
        return ANSWERS[request["method"]]

    def call(self, tool, arguments=None, **params):
        """The result of a call and the notifications on the way, with all questions answered."""
        params = {"name": tool, "arguments": arguments or {}, **params}
        notes = []
        for _ in range(5):
            result = self.once(params, notes)
            if result.get("resultType") != "input_required":
                return result, notes
            responses = {key: self.answer(question) for key, question in result.get("inputRequests", {}).items()}
            params = {**params, "inputResponses": responses}
            if "requestState" in result:
                params["requestState"] = result["requestState"]
        raise AssertionError("asked too often")

    def once(self, params, notes):
        """The result of one request; a stateless client is asked nothing on the way."""
        for message in self.peer.stream("tools/call", params):
            if "method" not in message:
                return mcp.answer_of(message)
            if "id" in message:
                assert not self.modern
                self.peer.reply({"jsonrpc": "2.0", "id": message["id"], "result": self.answer(message)})
            else:
                notes.append(message)
        raise AssertionError("the stream ended without an answer")


@pytest.fixture(params=COMBINATIONS, ids=lambda p: f"{p[0]}-to-{p[1]}-{p[2]}")
def client(request, hub):
    found = Client(hub, *request.param)
    yield found
    found.peer.close()


def test_tools(client):
    assert any(tool["name"] == "test_simple_text" for tool in client.peer.ask("tools/list")["tools"])
    assert mcp.text_of(client.call("test_simple_text")[0]).startswith("This is a simple text")


def test_resources(client):
    assert client.peer.ask("resources/read", {"uri": "test://static-text"})["contents"][0]["text"].startswith("This is")
    with pytest.raises(mcp.RpcError) as error:
        client.peer.ask("resources/read", {"uri": "test://nowhere"})
    # A server of the handshake era says it in its own way, which the client gets; this SDK says -32602.
    translated = client.server.endswith("stateless") and not client.modern
    assert error.value.code == (-32002 if translated else -32602)


def test_prompts(client):
    assert client.peer.ask("prompts/get", {"name": "test_simple_prompt"})["messages"]


def test_completion(client):
    ref = {"type": "ref/prompt", "name": "test_prompt_with_arguments"}
    found = client.peer.ask("completion/complete", {"ref": ref, "argument": {"name": "arg1", "value": ""}})
    assert isinstance(found["completion"]["values"], list)


def test_progress(client):
    _, notes = client.call("test_tool_with_progress", _meta={"progressToken": "mine"})
    assert [n["params"]["progress"] for n in notes if n["method"] == "notifications/progress"] == [0, 50, 100]
    assert {n["params"]["progressToken"] for n in notes if n["method"] == "notifications/progress"} == {"mine"}


def test_cancellation(client):
    before = int(mcp.text_of(client.call("test_cancelled")[0]))
    take_back = client.peer.begin("tools/call", {"name": "test_wait", "arguments": {}})
    in_flight(client, 1)
    take_back()
    processes.wait_for(
        lambda: int(mcp.text_of(client.call("test_cancelled")[0])) == before + 1, 30, "the server hearing that the call was taken back"
    )


def in_flight(client, count):
    def enough():
        status = json.loads(client.hub.cli("status", "--json").stdout)
        return status["calls"]["in_flight"] >= count

    processes.wait_for(enough, 30, "the call reaching the server")


def test_list_changed(client):
    with client.peer.changes(toolsListChanged=True) as heard:
        client.call("test_trigger_tool_change")
        processes.wait_for(lambda: "notifications/tools/list_changed" in methods(heard), 30, "tools/list_changed")


def test_subscription(client):
    uri = "test://watched-resource"
    with client.peer.changes(resourceSubscriptions=[uri]) as heard:
        if not client.modern:
            assert client.peer.ask("resources/subscribe", {"uri": uri}) == {}

        def told():
            client.call("test_trigger_resource_update")
            return [m for m in heard if m.get("method") == "notifications/resources/updated"]

        # A stateless server may take up its listening a moment later.
        processes.wait_for(told, 30, "resources/updated")
        assert told()[0]["params"]["uri"] == uri


def test_logging(client):
    if client.modern:
        _, notes = client.call("test_tool_with_logging", _meta={mcp.META + "logLevel": "debug"})
    else:
        client.peer.ask("logging/setLevel", {"level": "debug"})
        _, notes = client.call("test_tool_with_logging")
    assert len([n for n in notes if n["method"] == "notifications/message"]) == 3


@pytest.mark.parametrize(
    "tool,method,expected",
    [
        ("test_input_required_result_sampling", "sampling/createMessage", "Paris"),
        ("test_input_required_result_elicitation", "elicitation/create", "Hello, Ada!"),
        ("test_input_required_result_list_roots", "roots/list", "file:///work"),
    ],
    ids=["sampling", "elicitation", "roots"],
)
def test_questions(client, tool, method, expected):
    if (method.split("/")[0], client.version) in RULED_OUT:
        with pytest.raises((mcp.RpcError, AssertionError)):
            result, _ = client.call(tool)
            assert not result.get("isError"), "the server was refused"
        assert client.asked == []
        return
    result, _ = client.call(tool)
    assert expected in mcp.text_of(result)
    assert client.asked == [method]
