"""A hub behind a hub: names, progress, questions and errors cross both."""

import pytest

from rig import mcp, places

FIXTURE = str(places.ROOT / "tests" / "conformance" / "fixture" / "server.mjs")
STDIO = {
    "command": places.node(),
    "args": [FIXTURE, "stdio"],
    "env": {"CONFORMANCE_MODULES": str(places.npm_folder("conformance").resolve())},
}


@pytest.fixture(params=["auto", "handshake"])
def near(make_hub, request):
    far = make_hub({"fixture": STDIO})
    return make_hub({"far": {"url": far.server_url("fixture"), "era": request.param}, "all": {"url": far.url, "era": request.param}})


@pytest.mark.parametrize("version", ["2025-03-26", "2025-11-25"])
def test_a_call_with_progress_and_a_question_crosses_two_hubs(near, version):
    session = mcp.Session(near, "/mcp/far", version, {"sampling": {}})
    assert mcp.text_of(session.call("test_simple_text")).startswith("This is a simple text")
    seen = []
    for message in session.stream("tools/call", {"name": "test_sampling", "arguments": {"prompt": "p"}}):
        if "id" in message and "method" in message:
            result = {"role": "assistant", "content": {"type": "text", "text": "far away"}, "model": "m"}
            session.post({"jsonrpc": "2.0", "id": message["id"], "result": result})
        else:
            seen.append(message)
    assert mcp.text_of(mcp.answer_of(seen[-1])) == "LLM response: far away"
    params = {"name": "test_tool_with_progress", "arguments": {}, "_meta": {"progressToken": 7}}
    notes = [m for m in session.stream("tools/call", params) if m.get("method") == "notifications/progress"]
    assert [n["params"]["progress"] for n in notes] == [0, 50, 100]
    assert {n["params"]["progressToken"] for n in notes} == {7}


def test_a_stateless_client_crosses_two_hubs(near):
    client = mcp.Modern(near, "/mcp/far", {"sampling": {}})
    params = {"name": "test_sampling", "arguments": {"prompt": "p"}}
    told = client.ask("tools/call", params)
    assert told["resultType"] == "input_required"
    answer = {"role": "assistant", "content": {"type": "text", "text": "far away"}, "model": "m"}
    responses = {key: answer for key in told["inputRequests"]}
    retry = {**params, "inputResponses": responses}
    if "requestState" in told:
        retry["requestState"] = told["requestState"]
    assert mcp.text_of(client.ask("tools/call", retry)) == "LLM response: far away"


def test_the_federated_door_of_the_far_hub_is_a_server_with_three_tools(near):
    names = [tool["name"] for tool in mcp.Modern(near, "/mcp/all").ask("tools/list")["tools"]]
    assert names == ["hub__search_tools", "hub__call_tool", "hub__list_servers"]
    called = mcp.Modern(near, "/mcp/all").call("hub__call_tool", {"tool": "fixture__test_simple_text", "arguments": {}})
    assert mcp.text_of(called).startswith("This is a simple text")


def test_an_error_of_the_far_server_crosses_two_hubs_unchanged(near):
    with pytest.raises(mcp.RpcError) as error:
        mcp.Session(near, "/mcp/far").ask("prompts/get", {"name": "nobody"})
    assert error.value.code == -32602
