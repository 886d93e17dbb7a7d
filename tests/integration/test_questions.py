"""Questions of a server that many clients share: whose they are, clients that never come back, and what follows the answer."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rig import mcp, places, processes

ELICITS = {"elicitation": {"form": {}}}


@pytest.fixture
def hub(make_hub, record):
    return make_hub({"asking": places.our_server("asking.py", "--record", str(record))})


def modern(hub, capabilities=ELICITS):
    return mcp.Modern(hub, "/mcp/asking", capabilities)


def params_for(mark, tool="ask", **more):
    return {"name": tool, "arguments": {"mark": mark}, **more}


def ask(client, mark, tool="ask", **more):
    """Calls a tool that asks, and returns the parameters of the retry that answers."""
    params = params_for(mark, tool, **more)
    told = client.ask("tools/call", params)
    assert told["resultType"] == "input_required", told
    ((key, question),) = told["inputRequests"].items()
    assert question["params"]["message"] == mark
    answer = {"action": "accept", "content": {"reply": f"reply to {mark}"}}
    return {**params, "inputResponses": {key: answer}, "requestState": told["requestState"]}


def text_of_retry(client, retry):
    return mcp.text_of(client.ask("tools/call", retry))


def test_a_client_that_never_comes_back_does_not_stand_in_the_way_of_others(hub):
    ask(modern(hub), "gone for good")
    for i in range(2):
        client = modern(hub)
        assert text_of_retry(client, ask(client, f"mine {i}")) == f"mine {i}: reply to mine {i}"


def test_clients_that_are_asked_at_the_same_time_hear_their_own_questions(hub):
    ask(modern(hub), "the first one")

    def ask_often(number):
        for i in range(3):
            client, mark = modern(hub), f"{number}-{i}"
            assert text_of_retry(client, ask(client, mark)) == f"{mark}: reply to {mark}"

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(ask_often, number) for number in range(6)]:
            done.result(120)


def test_other_tools_stay_at_the_shared_run_while_a_client_is_away(hub):
    shared = mcp.text_of(modern(hub).call("pid"))
    client = modern(hub)
    ask(client, "away")
    ask(client, "away, too")
    assert mcp.text_of(client.call("pid")) == shared
    assert len(hub.servers_alive()) == 2
    rows = json.loads(hub.cli("status", "--json").stdout)["servers"]
    assert sorted(row["isolation"] for row in rows) == ["call", "shared"]


def test_sessions_that_could_not_be_told_apart_once_are_told_apart_the_next_time(hub, record):
    busy = mcp.Session(hub, "/mcp/asking", capabilities=ELICITS)
    waiting = threading.Thread(target=lambda: busy.call("hold"), daemon=True)
    waiting.start()
    processes.wait_for(lambda: record.events("held"), 30, "the call being held")
    session = mcp.Session(hub, "/mcp/asking", capabilities=ELICITS)
    refused = session.call("ask", {"mark": "early"})
    assert refused["isError"] and "call again" in mcp.text_of(refused)
    for message in session.stream("tools/call", params_for("late")):
        if "method" not in message:
            assert mcp.text_of(mcp.answer_of(message)) == "late: reply to late"
        elif "id" in message:
            answer = {"action": "accept", "content": {"reply": f"reply to {message['params']['message']}"}}
            session.post({"jsonrpc": "2.0", "id": message["id"], "result": answer})
    busy.call("let_go")
    waiting.join(30)
    assert not waiting.is_alive()


def test_progress_and_log_lines_after_the_answer_come_with_the_retry(hub):
    client = modern(hub)
    retry = ask(client, "x", "ask_and_talk", _meta={"progressToken": "first", mcp.META + "logLevel": "debug"})
    notes = []
    for message in client.stream("tools/call", {**retry, "_meta": {"progressToken": 7, mcp.META + "logLevel": "warning"}}):
        notes.append(message)
    assert mcp.text_of(mcp.answer_of(notes.pop())) == "x: reply to x"
    progress = [n["params"] for n in notes if n["method"] == "notifications/progress"]
    assert [(p["progressToken"], p["progress"]) for p in progress] == [(7, 1), (7, 2), (7, 3)]
    assert [n["params"]["level"] for n in notes if n["method"] == "notifications/message"] == ["warning"]


def test_a_capability_that_is_missing_is_named_when_the_server_cannot_do_without(hub, record):
    reply = modern(hub, {"sampling": {}}).post("tools/call", params_for("x"))
    assert (reply.status, reply.error["code"]) == (400, -32021)
    assert reply.error["data"] == {"requiredCapabilities": {"elicitation": {"form": {}}}}
    (told,) = record.events("response")
    assert told["detail"]["error"]["code"] == -32601


def test_a_server_that_can_do_without_a_capability_has_its_result_passed_on(hub):
    result = modern(hub, {}).ask("tools/call", params_for("x", "ask_or_not"))
    assert mcp.text_of(result).startswith("refused: ")


def test_a_call_whose_client_stays_away_is_taken_back(make_hub, record):
    servers = {"asking": places.our_server("asking.py", "--record", str(record))}
    hub = make_hub(servers, {"answer_timeout_seconds": 1})
    client = modern(hub)
    retry = ask(client, "too late")
    processes.wait_for(lambda: record.events("notifications/cancelled"), 30, "the server hearing that the call is taken back")
    with pytest.raises(mcp.RpcError) as error:
        client.ask("tools/call", retry)
    assert error.value.code == -32602
    assert "expired" in error.value.message
