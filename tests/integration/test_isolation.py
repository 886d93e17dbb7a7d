"""Whose question it is: servers of a session's own, shared servers, and clients that ask at the same time."""

import json
import threading

import pytest

from rig import mcp, places, processes

FIXTURE = str(places.ROOT / "tests" / "conformance" / "fixture" / "server.mjs")
STDIO = {
    "command": places.node(),
    "args": [FIXTURE, "stdio"],
    "env": {"CONFORMANCE_MODULES": str(places.npm_folder("conformance").resolve())},
    "era": "handshake",
}
CAN_SAMPLE = {"sampling": {}}


def sample(session, mark):
    """Calls a tool that asks this client's model, which answers with `mark`; returns the text of the result."""
    for message in session.stream("tools/call", {"name": "test_sampling", "arguments": {"prompt": mark}}):
        if "method" not in message:
            return mcp.text_of(mcp.answer_of(message))
        if "id" in message:
            assert message["params"]["messages"][0]["content"]["text"] == mark
            content = {"type": "text", "text": f"for {mark}"}
            result = {"role": "assistant", "content": content, "model": "m"}
            session.post({"jsonrpc": "2.0", "id": message["id"], "result": result})
    raise AssertionError("no answer")


def test_each_session_has_a_server_of_its_own_and_hears_only_its_own_questions(make_hub):
    hub = make_hub({"own": {**STDIO, "isolation": "session"}})
    sessions = [mcp.Session(hub, "/mcp/own", capabilities=CAN_SAMPLE) for _ in range(4)]
    wrong = []

    def ask_often(number, session):
        for i in range(5):
            mark = f"{number}-{i}"
            text = sample(session, mark)
            if text != f"LLM response: for {mark}":
                wrong.append((mark, text))

    threads = [threading.Thread(target=ask_often, args=x) for x in enumerate(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    rows = json.loads(hub.cli("status", "--json").stdout)["servers"]
    assert len([row for row in rows if row["session"] != 0 and row["state"] == "ready"]) == 4
    for session in sessions:
        session.end()
    processes.wait_for(lambda: not hub.servers_alive(), 15, "the servers ending with their sessions")


def test_a_server_of_its_own_is_told_what_its_client_can_do(make_hub):
    hub = make_hub({"own": {**STDIO, "isolation": "session"}})
    session = mcp.Session(hub, "/mcp/own", capabilities={})
    result = session.call("test_sampling", {"prompt": "x"})
    assert result["isError"]


def test_a_shared_server_that_could_mean_several_clients_is_told_the_fix(make_hub):
    hub = make_hub({"shared": STDIO})
    busy = mcp.Session(hub, "/mcp/shared")
    # It is taken back later, and then there is no answer.
    waiting = threading.Thread(target=lambda: busy.post(mcp.request("tools/call", {"name": "test_wait"}, 1)), daemon=True)
    waiting.start()
    processes.wait_for(lambda: json.loads(hub.cli("status", "--json").stdout)["calls"]["in_flight"] == 1, 10, "the call in flight")
    asker = mcp.Session(hub, "/mcp/shared", capabilities=CAN_SAMPLE)
    result = asker.call("test_sampling", {"prompt": "x"})
    assert result["isError"]
    assert "isolation" in mcp.text_of(result)
    busy.notify("notifications/cancelled", {"requestId": 1})
    waiting.join(10)
    assert sample(asker, "alone") == "LLM response: for alone"


def test_a_client_that_declared_nothing_is_not_asked(make_hub):
    hub = make_hub({"shared": STDIO})
    result = mcp.Session(hub, "/mcp/shared").call("test_sampling", {"prompt": "x"})
    assert result["isError"]
    assert "did not declare sampling" in mcp.text_of(result)


@pytest.fixture
def asked(make_hub):
    """A stateless client that was asked a question, and what it was told."""
    client = mcp.Modern(make_hub({"shared": STDIO}), "/mcp/shared", {"sampling": {}})
    params = {"name": "test_sampling", "arguments": {"prompt": "x"}}
    told = client.ask("tools/call", params)
    assert told["resultType"] == "input_required"
    (key,) = told["inputRequests"]
    answer = {"role": "assistant", "content": {"type": "text", "text": "y"}, "model": "m"}
    return client, {**params, "inputResponses": {key: answer}, "requestState": told["requestState"]}


def test_a_request_state_counts_once(asked):
    client, retry = asked
    assert mcp.text_of(client.ask("tools/call", retry)) == "LLM response: y"
    with pytest.raises(mcp.RpcError) as error:
        client.ask("tools/call", retry)
    assert error.value.code == -32602


@pytest.mark.parametrize(
    "change",
    [
        {"arguments": {"prompt": "another"}},
        {"name": "test_simple_text"},
        {"requestState": "slm-hub.00000000000000000000000000000000"},
    ],
    ids=["other arguments", "another tool", "a guess"],
)
def test_a_request_state_is_good_for_its_request_alone(asked, change):
    client, retry = asked
    with pytest.raises(mcp.RpcError) as error:
        client.ask("tools/call", {**retry, **change})
    assert error.value.code == -32602
    # The right one still counts.
    assert mcp.text_of(client.ask("tools/call", retry)) == "LLM response: y"


def test_an_answer_of_the_wrong_shape_is_refused_and_may_be_mended(asked):
    client, retry = asked
    (key,) = retry["inputResponses"]
    with pytest.raises(mcp.RpcError) as error:
        client.ask("tools/call", {**retry, "inputResponses": {key: {"role": "assistant"}}})
    assert error.value.code == -32602
    assert mcp.text_of(client.ask("tools/call", retry)) == "LLM response: y"


def test_a_missing_answer_is_asked_for_again(asked):
    client, retry = asked
    again = client.ask("tools/call", {**retry, "inputResponses": {}})
    assert again["resultType"] == "input_required"
    assert again["requestState"] != retry["requestState"]
    assert mcp.text_of(client.ask("tools/call", {**retry, "requestState": again["requestState"]})) == "LLM response: y"
