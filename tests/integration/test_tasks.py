"""Tasks: those of 2025-11-25 with the reference server, the extension of 2026-07-28 with one of ours, and who may have them."""

import contextlib
import threading

import pytest

from rig import mcp, places, processes
from rig.hub import Hub

EXTENSION = "io.modelcontextprotocol/tasks"
HAS_TASKS = {"extensions": {EXTENSION: {}}}
RESEARCH = {"name": "simulate-research-query", "arguments": {"topic": "hubs", "ambiguous": False}, "task": {"ttl": 300_000}}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    servers = {"everything": places.npm_server("mcp-server-everything", "stdio"), "tasks": places.our_server("tasks.py")}
    found = Hub(tmp_path_factory.mktemp("tasks"), servers).start()
    yield found
    print(found.log()[-4000:])
    found.finish()


def session(hub, version="2025-11-25", path="/mcp/everything"):
    return mcp.Session(hub, path, version, {"elicitation": {"form": {}}})


def modern(hub, name="rig", path="/mcp/tasks", capabilities=HAS_TASKS):
    client = mcp.Modern(hub, path, capabilities)
    ask = client.ask
    info = {"_meta": {mcp.META + "clientInfo": {"name": name, "version": "1"}}}
    client.ask = lambda method, params=None: ask(method, {**(params or {}), **info})
    return client


@contextlib.contextmanager
def get_stream(client):
    """The notifications on the GET stream of a session, as they come."""
    connection = mcp.wire.http_client(client.port, 120)
    connection.request("GET", client.path, headers={**client.headers, "Accept": "text/event-stream"})
    stream = mcp.wire.Stream.__new__(mcp.wire.Stream)
    stream.connection, stream.response = connection, connection.getresponse()
    assert stream.response.status == 200
    heard = []

    def read():
        with contextlib.suppress(OSError, ValueError, AttributeError):
            for message in stream:
                heard.append(message)

    threading.Thread(target=read, daemon=True).start()
    yield heard
    stream.close()


def missing(client, method, task):
    with pytest.raises(mcp.RpcError) as error:
        client.ask(method, {"taskId": task})
    return error.value.code


def test_a_task_goes_its_way_from_the_call_to_the_result(hub):
    client = session(hub)
    assert client.hello["capabilities"]["tasks"]["requests"]["tools"] == {"call": {}}
    with get_stream(client) as heard:
        task = client.ask("tools/call", RESEARCH)["task"]
        assert task["status"] == "working"
        assert client.ask("tasks/get", {"taskId": task["taskId"]})["taskId"] == task["taskId"]
        assert [x["taskId"] for x in client.ask("tasks/list")["tasks"]] == [task["taskId"]]
        result = client.ask("tasks/result", {"taskId": task["taskId"]}, timeout=120)
        assert result["content"][0]["text"].startswith("# Research Report: hubs")
        assert result["_meta"]["io.modelcontextprotocol/related-task"] == {"taskId": task["taskId"]}
        assert client.ask("tasks/get", {"taskId": task["taskId"]})["status"] == "completed"
        told = lambda: [m["params"]["status"] for m in heard if m.get("method") == "notifications/tasks/status"]
        processes.wait_for(lambda: "completed" in told(), 30, "the notification of the end")


def test_what_a_task_asks_reaches_the_client_that_waits_for_it(hub):
    client = session(hub)
    task = client.ask("tools/call", {**RESEARCH, "arguments": {"topic": "python", "ambiguous": True}})["task"]
    asked = []
    for message in client.stream("tasks/result", {"taskId": task["taskId"]}, timeout=120):
        if "method" not in message:
            assert "snake" in mcp.text_of(mcp.answer_of(message))
        elif "id" in message:
            asked.append(message["method"])
            answer = {"action": "accept", "content": {"interpretation": "snake"}}
            client.post({"jsonrpc": "2.0", "id": message["id"], "result": answer})
    assert asked == ["elicitation/create"]


def test_a_task_of_another_session_is_not_found_and_not_listed(hub):
    owner, other = session(hub), session(hub)
    with get_stream(other) as heard:
        task = owner.ask("tools/call", RESEARCH)["task"]["taskId"]
        assert [missing(other, method, task) for method in ("tasks/get", "tasks/result", "tasks/cancel")] == [-32602] * 3
        assert other.ask("tasks/list")["tasks"] == []
        assert owner.ask("tasks/cancel", {"taskId": task})["status"] == "cancelled"
        assert not [m for m in heard if m.get("method", "").startswith("notifications/tasks")]


def test_a_client_of_another_version_is_offered_no_tasks(hub):
    old = session(hub, "2025-06-18")
    assert "tasks" not in old.hello["capabilities"]
    with pytest.raises(mcp.RpcError) as error:
        old.ask("tasks/list")
    assert error.value.code == -32601
    new = modern(hub, path="/mcp/everything")
    about = new.ask("server/discover")["capabilities"]
    assert "tasks" not in about and EXTENSION not in about.get("extensions", {})
    handshake = session(hub, path="/mcp/tasks")
    assert EXTENSION not in handshake.hello["capabilities"].get("extensions", {})
    assert mcp.text_of(handshake.call("work")) == "done at once"


def test_the_extension_goes_through_as_it_is(hub):
    client = modern(hub)
    assert EXTENSION in client.ask("server/discover")["capabilities"]["extensions"]
    task = client.ask("tools/call", {"name": "work", "arguments": {}})
    assert (task["resultType"], task["status"]) == ("task", "working")
    headers = {"Mcp-Name": task["taskId"]}
    done = client.post("tasks/get", {"taskId": task["taskId"]}, headers).result
    assert mcp.text_of(done["result"]) == "done"
    assert client.post("tasks/cancel", {"taskId": task["taskId"]}, headers).result["resultType"] == "complete"


def test_a_stateless_client_does_not_find_the_task_of_another(hub):
    task = modern(hub).ask("tools/call", {"name": "work", "arguments": {}})["taskId"]
    params = {"taskId": task, "_meta": {mcp.META + "clientInfo": {"name": "another", "version": "1"}}}
    reply = mcp.Modern(hub, "/mcp/tasks", HAS_TASKS).post("tasks/get", params, {"Mcp-Name": task})
    assert reply.error["code"] == -32602


def test_the_federated_door_makes_no_tasks(hub):
    client = modern(hub, path="/mcp")
    assert EXTENSION not in client.ask("server/discover")["capabilities"].get("extensions", {})
    assert mcp.text_of(client.ask("tools/call", {"name": "tasks__work", "arguments": {}})) == "done at once"
    assert "tasks" not in mcp.Session(hub).hello["capabilities"]
