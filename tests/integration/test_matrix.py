"""Each kind of client reaches each kind of server with each feature: versions x transports and eras of the server x features.

The server is the conformance fixture on the official TypeScript SDK, which speaks both eras; `era` in the configuration makes the
hub speak one of them. What the specification itself rules out is named in RULED_OUT, and then refused in the proper way.
"""

import contextlib
import json
import os
import subprocess
import threading

import pytest

from rig import mcp, places, processes
from rig.hub import Hub

FIXTURE = str(places.ROOT / "tests" / "conformance" / "fixture" / "server.mjs")
FIXTURE_ENV = {"CONFORMANCE_MODULES": str(places.npm_folder("conformance").resolve())}
SERVERS = ["stdio-handshake", "stdio-stateless", "http-handshake", "http-stateless"]
VERSIONS = [*mcp.HANDSHAKE_VERSIONS, mcp.MODERN]
CAPABILITIES = {"sampling": {}, "elicitation": {"form": {}}, "roots": {}}
ANSWERS = {
    "sampling/createMessage": {"role": "assistant", "content": {"type": "text", "text": "Paris"}, "model": "m"},
    "elicitation/create": {"action": "accept", "content": {"name": "Ada"}},
    "roots/list": {"roots": [{"uri": "file:///work", "name": "work"}]},
}

# Elicitation came with 2025-06-18: an older client cannot have declared it.
RULED_OUT = {("elicitation", "2024-11-05"), ("elicitation", "2025-03-26")}


@contextlib.contextmanager
def fixture_over_http(folder):
    with open(folder / "fixture.log", "wb") as log:
        env = {"PATH": os.environ["PATH"], **FIXTURE_ENV}
        fixture = subprocess.Popen([places.node(), FIXTURE, "http", "0"], env=env, stdout=subprocess.PIPE, stderr=log)
    try:
        yield fixture.stdout.readline().decode().strip()
    finally:
        fixture.terminate()
        fixture.wait()


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("matrix")
    stdio = {"command": places.node(), "args": [FIXTURE, "stdio"], "env": FIXTURE_ENV}
    with fixture_over_http(folder) as url:
        kinds = {"stdio": stdio, "http": {"url": url}}
        servers = {name: {**kinds[name.split("-")[0]], "era": name.split("-")[1]} for name in SERVERS}
        found = Hub(folder / "hub", servers).start()
        yield found
        print(found.log()[-4000:])
        found.finish()


class Client:
    """A client of one version at one server, which answers what it is asked."""

    def __init__(self, hub, server, version):
        self.modern = version == mcp.MODERN
        self.hub = hub
        self.server = server
        path = f"/mcp/{server}"
        declared = {k: v for k, v in CAPABILITIES.items() if (k, version) not in RULED_OUT}
        if self.modern:
            self.peer = mcp.Modern(hub, path, declared)
        else:
            self.peer = mcp.Session(hub, path, version, declared)
            assert self.peer.version == version
        self.asked = []

    def answer(self, request):
        self.asked.append(request["method"])
        return ANSWERS[request["method"]]

    def call(self, tool, arguments=None, **params):
        """The result of a call and the notifications on the way, with all questions answered."""
        params = {"name": tool, "arguments": arguments or {}, **params}
        return self.call_modern(params) if self.modern else self.call_handshake(params)

    def call_handshake(self, params):
        notes = []
        for message in self.peer.stream("tools/call", params):
            if "method" not in message:
                return mcp.answer_of(message), notes
            if "id" in message:
                reply = {"jsonrpc": "2.0", "id": message["id"], "result": self.answer(message)}
                assert self.peer.post(reply).status == 202
            else:
                notes.append(message)
        raise AssertionError("the stream ended without an answer")

    def call_modern(self, params):
        notes = []
        for _ in range(5):
            reply = self.peer.post("tools/call", params)
            notes += [m for m in reply.messages if "method" in m]
            result = mcp.answer_of(reply.message)
            if result.get("resultType") != "input_required":
                return result, notes
            responses = {key: self.answer(question) for key, question in result.get("inputRequests", {}).items()}
            params = {**params, "inputResponses": responses}
            if "requestState" in result:
                params["requestState"] = result["requestState"]
        raise AssertionError("asked too often")

    @contextlib.contextmanager
    def changes(self, **wanted):
        """A list that fills with the notifications that come by themselves."""
        heard = []
        if self.modern:
            stream = self.peer.stream("subscriptions/listen", {"notifications": wanted})
        else:
            stream = GetStream(self.peer)
        reader = threading.Thread(target=lambda: read_into(stream, heard), daemon=True)
        reader.start()
        if self.modern:
            processes.wait_for(lambda: heard, 5, "the acknowledgement")
        yield heard
        stream.close()


class GetStream:
    """The GET stream of a session."""

    def __init__(self, session):
        self.stream = mcp.wire.Stream.__new__(mcp.wire.Stream)
        self.stream.connection = mcp.wire.http_client(session.port)
        self.stream.connection.request("GET", session.path, headers={**session.headers, "Accept": "text/event-stream"})
        self.stream.response = self.stream.connection.getresponse()
        assert self.stream.response.status == 200

    def __iter__(self):
        return iter(self.stream)

    def close(self):
        self.stream.close()


def read_into(stream, heard):
    with contextlib.suppress(OSError, ValueError, AttributeError):
        for message in stream:
            heard.append(message)


def methods(messages):
    return [m.get("method") for m in messages]


@pytest.fixture(params=[(s, v) for s in SERVERS for v in VERSIONS], ids=lambda p: f"{p[0]}-{p[1]}")
def client(request, hub):
    return Client(hub, *request.param)


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
    if client.modern:
        # Closing the connection takes a request back.
        params = mcp.modern_params({"name": "test_wait", "arguments": {}}, client.peer.capabilities)
        connection = mcp.wire.http_client(client.peer.port)
        headers = {"Content-Type": "application/json", "Accept": mcp.wire.BOTH, **mcp.modern_headers("tools/call", params)}
        connection.request("POST", client.peer.path, json.dumps(mcp.request("tools/call", params, 900)), headers)
        in_flight(client, 1)
        connection.close()
    else:
        connection = mcp.wire.http_client(client.peer.port)
        headers = {"Content-Type": "application/json", "Accept": mcp.wire.BOTH, **client.peer.headers}
        message = mcp.request("tools/call", {"name": "test_wait", "arguments": {}}, 900)
        connection.request("POST", client.peer.path, json.dumps(message), headers)
        in_flight(client, 1)
        client.peer.notify("notifications/cancelled", {"requestId": 900, "reason": "enough"})
        connection.close()
    processes.wait_for(
        lambda: int(mcp.text_of(client.call("test_cancelled")[0])) == before + 1, 10, "the server hearing that the call was taken back"
    )


def in_flight(client, count):
    def enough():
        status = json.loads(client.hub.cli("status", "--json").stdout)
        return status["calls"]["in_flight"] >= count

    processes.wait_for(enough, 10, "the call reaching the server")


def test_list_changed(client):
    with client.changes(toolsListChanged=True) as heard:
        client.call("test_trigger_tool_change")
        processes.wait_for(lambda: "notifications/tools/list_changed" in methods(heard), 10, "tools/list_changed")


def test_subscription(client):
    uri = "test://watched-resource"
    with client.changes(resourceSubscriptions=[uri]) as heard:
        if not client.modern:
            assert client.peer.ask("resources/subscribe", {"uri": uri}) == {}

        def told():
            client.call("test_trigger_resource_update")
            return [m for m in heard if m.get("method") == "notifications/resources/updated"]

        # A stateless server may take up its listening a moment later.
        processes.wait_for(told, 10, "resources/updated")
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
    version = mcp.MODERN if client.modern else client.peer.version
    if (method.split("/")[0], version) in RULED_OUT:
        with pytest.raises((mcp.RpcError, AssertionError)):
            result, _ = client.call(tool)
            assert not result.get("isError"), "the server was refused"
        assert client.asked == []
        return
    result, _ = client.call(tool)
    assert expected in mcp.text_of(result)
    assert client.asked == [method]
