"""What goes through `/mcp/{server}` comes out as it was: results, errors, metadata, progress, cancellation, pages, changes."""

import json
import threading
import time

import pytest

from rig import mcp, places, processes, wire

CLIENTS = {"handshake": mcp.Session, "stateless": mcp.Modern}
SERVERS = ["plain", "fresh"]
both_ways = pytest.mark.parametrize("client", CLIENTS)
both_kinds = pytest.mark.parametrize("server", SERVERS)


def connect(client, hub, server):
    return CLIENTS[client](hub, f"/mcp/{server}")


@both_ways
@both_kinds
def test_tools_keep_names_titles_and_metadata(plain_hub, client, server):
    tools = {tool["name"]: tool for tool in connect(client, plain_hub, server).ask("tools/list")["tools"]}
    assert {"echo", "wait", "count", "fail"} <= set(tools)
    assert tools["echo"]["title"] == "Echo"
    assert tools["echo"]["_meta"] == {"example.org/kept": [1]}


@both_ways
@both_kinds
def test_arguments_and_results_go_through_unchanged(plain_hub, client, server):
    arguments = {"text": "grün ☃ 𝄞 \u0000 \\ \"", "big": 9007199254740993, "deep": [[[{"a": None}]]], "float": 1.5, "empty": {}}
    result = connect(client, plain_hub, server).call("echo", arguments)
    assert result["structuredContent"]["arguments"] == arguments
    assert mcp.text_of(result) == arguments["text"]
    assert result["_meta"]["example.org/seen"] is True


@both_ways
@both_kinds
def test_unknown_members_and_large_numbers_survive(plain_hub, client, server):
    result = connect(client, plain_hub, server).call("exact")
    assert result["structuredContent"] == {"big": 9007199254740993, "unicode": "grün ☃ 𝄞 \u0007"}
    assert result["unknown"] == {"kept": True}


@both_ways
@both_kinds
def test_an_error_keeps_code_message_and_data(plain_hub, client, server):
    with pytest.raises(mcp.RpcError) as error:
        connect(client, plain_hub, server).call("fault")
    assert (error.value.code, error.value.message) == (-32055, "a fault of our own")
    assert error.value.data == {"detail": ["kept", 1.5, None]}


@both_ways
@both_kinds
def test_a_tool_that_fails_is_a_result(plain_hub, client, server):
    result = connect(client, plain_hub, server).call("fail")
    assert result["isError"] is True and mcp.text_of(result) == "it failed"


@both_ways
@both_kinds
def test_unknown_tools_are_the_servers_to_refuse(plain_hub, client, server):
    with pytest.raises(mcp.RpcError) as error:
        connect(client, plain_hub, server).call("nothing_like_it")
    assert error.value.code == -32602
    assert error.value.data == {"tool": "nothing_like_it"}


@both_ways
@both_kinds
def test_resources_templates_prompts_and_completion(plain_hub, client, server):
    asked = connect(client, plain_hub, server).ask
    assert [r["uri"] for r in asked("resources/list")["resources"]] == ["note://one", "file:///etc/plain.conf"]
    assert asked("resources/templates/list")["resourceTemplates"][0]["uriTemplate"] == "note://by-id/{id}"
    read = asked("resources/read", {"uri": "note://by-id/7"})["contents"][0]
    assert (read["uri"], read["text"]) == ("note://by-id/7", f"{server}: note://by-id/7")
    assert [p["name"] for p in asked("prompts/list")["prompts"]] == ["greet"]
    prompt = asked("prompts/get", {"name": "greet", "arguments": {"who": "Ada"}})
    assert prompt["messages"][0]["content"]["text"] == "Hello, Ada!"
    completion = {"ref": {"type": "ref/prompt", "name": "greet"}, "argument": {"name": "who", "value": "b"}}
    assert asked("completion/complete", completion)["completion"]["values"] == ["berta"]


@both_ways
@both_kinds
@pytest.mark.parametrize("token", ["a string", 0, 17, "17"])
def test_progress_comes_with_the_callers_token_before_the_result(plain_hub, client, server, token):
    params = {"name": "count", "arguments": {"steps": 4, "ms": 5}, "_meta": {"progressToken": token}}
    messages = list(connect(client, plain_hub, server).stream("tools/call", params))
    progress = [m["params"] for m in messages[:-1] if m["method"] == "notifications/progress"]
    assert [p["progress"] for p in progress] == [1, 2, 3, 4]
    assert all(p["progressToken"] == token and type(p["progressToken"]) is type(token) for p in progress)
    assert progress[0]["message"] == "step 1" and progress[0]["total"] == 4
    assert mcp.text_of(messages[-1]["result"]) == "counted to 4"


@both_ways
def test_without_a_token_there_is_no_progress(plain_hub, client):
    messages = list(connect(client, plain_hub, "plain").stream("tools/call", {"name": "count", "arguments": {"ms": 1}}))
    assert len(messages) == 1 and "result" in messages[0]


def test_clients_with_the_same_token_and_id_do_not_mix(plain_hub):
    seen = {}

    def run(i):
        session = mcp.Session(plain_hub, "/mcp/plain")
        params = {"name": "count", "arguments": {"steps": 3 + i, "ms": 10}, "_meta": {"progressToken": 0}}
        seen[i] = list(session.stream("tools/call", params, id=1))

    threads = [threading.Thread(target=run, args=(i,)) for i in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    for i, messages in seen.items():
        assert mcp.text_of(messages[-1]["result"]) == f"counted to {3 + i}"
        assert [m["params"]["progress"] for m in messages[:-1]] == list(range(1, 4 + i))


def recorded_hub(make_hub, record):
    return make_hub({"plain": places.our_server("plain.py", "--record", str(record))})


def test_calls_to_one_server_run_at_the_same_time(plain_hub):
    mcp.Session(plain_hub, "/mcp/plain").call("echo")
    started = time.monotonic()
    threads = [threading.Thread(target=lambda: mcp.Session(plain_hub, "/mcp/plain").call("wait", {"ms": 1000})) for _ in range(10)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert time.monotonic() - started < 2


def test_a_cancelled_call_is_cancelled_at_the_server(make_hub, record):
    hub = recorded_hub(make_hub, record)
    session = mcp.Session(hub, "/mcp/plain")
    answers = []
    caller = threading.Thread(target=lambda: answers.extend(session.stream("tools/call", {"name": "wait", "arguments": {"ms": 20000}}, id="c")))
    started = time.monotonic()
    caller.start()
    processes.wait_for(lambda: record.events("tools/call"), 5, "the call at the server")
    assert session.notify("notifications/cancelled", {"requestId": "c", "reason": "enough"}).status == 202
    cancelled = processes.wait_for(lambda: record.events("notifications/cancelled"), 5, "the cancellation at the server")
    assert cancelled[0]["detail"]["reason"] == "enough"
    caller.join(5)
    assert not caller.is_alive(), "the stream of a cancelled call stays open"
    assert time.monotonic() - started < 10
    assert not any("result" in answer for answer in answers)


def test_nobody_cancels_the_call_of_another_session(make_hub, record):
    hub = recorded_hub(make_hub, record)
    victim, other = mcp.Session(hub, "/mcp/plain"), mcp.Session(hub, "/mcp/plain")
    answers = []
    caller = threading.Thread(target=lambda: answers.extend(victim.stream("tools/call", {"name": "wait", "arguments": {"ms": 700}}, id=1)))
    caller.start()
    processes.wait_for(lambda: record.events("tools/call"), 5, "the call at the server")
    other.notify("notifications/cancelled", {"requestId": 1})
    caller.join()
    assert mcp.text_of(answers[-1]["result"]) == "waited"
    assert not record.events("notifications/cancelled")


def test_closing_the_connection_cancels_in_the_stateless_era(make_hub, record):
    hub = recorded_hub(make_hub, record)
    connection = wire.http_client(hub.port)
    params = mcp.modern_params({"name": "wait", "arguments": {"ms": 20000}})
    headers = {"Content-Type": "application/json", "Accept": wire.BOTH, **mcp.modern_headers("tools/call", params)}
    connection.request("POST", "/mcp/plain", json.dumps(mcp.request("tools/call", params)), headers)
    processes.wait_for(lambda: record.events("tools/call"), 5, "the call at the server")
    connection.close()
    processes.wait_for(lambda: record.events("notifications/cancelled"), 5, "the cancellation at the server")


def test_closing_the_connection_is_no_cancellation_in_the_handshake_era(make_hub, record):
    hub = recorded_hub(make_hub, record)
    session = mcp.Session(hub, "/mcp/plain")
    connection = wire.http_client(hub.port)
    headers = {"Content-Type": "application/json", "Accept": wire.BOTH, **session.headers}
    body = json.dumps(mcp.request("tools/call", {"name": "wait", "arguments": {"ms": 300}}, "abandoned"))
    connection.request("POST", "/mcp/plain", body, headers)
    processes.wait_for(lambda: record.events("tools/call"), 5, "the call at the server")
    connection.close()
    assert mcp.text_of(session.call("wait", {"ms": 600})) == "waited"
    assert not record.events("notifications/cancelled")


@both_ways
def test_all_pages_of_a_list_can_be_read(make_hub, client):
    hub = make_hub({"paged": places.our_server("plain.py", "--pages", "4")})
    asker, names, cursor = connect(client, hub, "paged"), [], None
    for _ in range(10):
        page = asker.ask("tools/list", {} if cursor is None else {"cursor": cursor})
        names += [tool["name"] for tool in page["tools"]]
        cursor = page.get("nextCursor")
        if cursor is None:
            break
    assert len(names) == len(set(names)) and {f"paged_{i:02}" for i in range(20)} <= set(names) and "echo" in names


def test_a_cursor_that_is_none_is_invalid(plain_hub):
    for door in ("/mcp/plain", "/mcp"):
        with pytest.raises(mcp.RpcError) as error:
            mcp.Session(plain_hub, door).ask("tools/list", {"cursor": "nonsense"})
        assert error.value.code == -32602


@both_kinds
def test_a_tool_that_was_added_is_listed_and_callable(plain_hub, server):
    session = mcp.Session(plain_hub, f"/mcp/{server}")
    session.call("add_tool", {"name": "brand_new"})
    names = lambda: {tool["name"] for tool in session.ask("tools/list")["tools"]}
    processes.wait_for(lambda: "brand_new" in names(), 5, "the new tool in the list")
    assert mcp.text_of(session.call("brand_new", {"text": "new"})) == "new"
    sid = f"{server}__brand_new"
    called = mcp.Session(plain_hub).call("hub__call_tool", {"tool": sid, "arguments": {"text": "federated"}})
    assert mcp.text_of(called) == "federated"


def test_a_ping_of_the_server_is_answered(make_hub, record):
    hub = recorded_hub(make_hub, record)
    mcp.Session(hub, "/mcp/plain").call("ping_me")
    answers = processes.wait_for(lambda: record.events("response"), 5, "the answer to the ping")
    assert answers[0]["detail"] == {"jsonrpc": "2.0", "id": "ping-1", "result": {}}


def test_a_request_that_nobody_offered_to_answer_is_refused_at_once(make_hub):
    hub = make_hub({"rude": places.our_server("rude.py", "asks_without_need")})
    result = mcp.Session(hub, "/mcp/rude").call("ask", timeout=10)
    assert json.loads(mcp.text_of(result)) == [["ask-1", -32601], ["ask-2", -32601]]


@pytest.mark.parametrize("size", [1_000, 1_000_000, 10_000_000])
def test_a_large_result_comes_whole(plain_hub, size):
    for client in (mcp.Session(plain_hub, "/mcp/plain"), mcp.Modern(plain_hub, "/mcp/fresh")):
        assert mcp.text_of(client.call("blob", {"bytes": size})) == "x" * size


def test_a_large_argument_goes_whole(plain_hub):
    big = "y" * 1_000_000
    assert mcp.text_of(mcp.Session(plain_hub, "/mcp/plain").call("echo", {"text": big})) == big


def test_the_server_hears_the_client_in_the_handshake(make_hub, record):
    hub = recorded_hub(make_hub, record)
    mcp.Session(hub, "/mcp/plain").call("echo")
    hello = record.events("initialize")[0]["detail"]
    assert hello["protocolVersion"] == "2025-11-25"
    assert "slm" in hello["clientInfo"]["name"]
    assert record.events("notifications/initialized")


def test_metadata_of_the_caller_reaches_the_server(make_hub, record):
    hub = recorded_hub(make_hub, record)
    meta = {"example.org/trace": {"a": [1, 2]}, "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    mcp.Session(hub, "/mcp/plain").ask("tools/call", {"name": "echo", "arguments": {}, "_meta": meta})
    seen = record.events("tools/call")[0]["detail"]["_meta"]
    assert seen["example.org/trace"] == meta["example.org/trace"]
    # The hub's own span stands between the caller's and the server's (W3C Trace Context, "Mutating the traceparent Field").
    given, got = meta["traceparent"].split("-"), seen["traceparent"].split("-")
    assert got[:2] == given[:2] and got[2] != given[2] and got[3] == given[3]
