"""Results that are too large for a model come in pieces at the federated door, and whole where somebody wants them whole."""

import json
import re

from rig import mcp, places


def plain(*more):
    return places.our_server("plain.py", *more)


def federated_blob(session, size):
    return session.call("hub__call_tool", {"tool": "plain__blob", "arguments": {"bytes": size}})


def rest_of(session, token, at):
    """Reads on as the result says it, until the end."""
    text = ""
    while True:
        result = session.call("hub__call_tool", {"tool": "hub__read_result", "arguments": {"result": token, "offset": at}})
        place = result["_meta"]["hub/result"]
        assert place["offset"] == at
        text += result["content"][0]["text"]
        at = place["end"]
        if at == place["total_bytes"]:
            return text


def test_a_large_result_comes_in_pieces_and_is_whole_in_the_end(make_hub):
    hub = make_hub({"plain": plain()})
    session = mcp.Session(hub, "/mcp")
    small = federated_blob(session, 50_000)
    assert mcp.text_of(small) == "x" * 50_000 and "hub/result" not in small.get("_meta", {})
    large = federated_blob(session, 200_000)
    place = large["_meta"]["hub/result"]
    assert place["total_bytes"] == 200_000 and place["end"] == 16_384
    head, note = (part["text"] for part in large["content"])
    assert head == "x" * 16_384
    told = re.search(r"hub__call_tool (\{.*?\}\})", note)
    assert json.loads(told[1]) == {"tool": "hub__read_result", "arguments": {"result": place["result"], "offset": 16_384}}
    assert head + rest_of(session, place["result"], 16_384) == "x" * 200_000
    found = session.call("hub__call_tool", {"tool": "hub__read_result", "arguments": {"result": place["result"], "search": "XX"}})
    assert "0: xxx" in found["content"][0]["text"]
    names = [tool["name"] for tool in session.ask("tools/list")["tools"]]
    assert "hub__read_result" not in names


def test_a_result_that_is_gone_and_a_wrong_argument_say_what_to_do(make_hub):
    session = mcp.Session(make_hub({"plain": plain()}), "/mcp")
    for arguments, words in (({"result": "no-such"}, "Call the tool again"), ({}, '"result" is missing'), ({"result": "x", "length": 0}, "at least 1")):
        answer = session.call("hub__call_tool", {"tool": "hub__read_result", "arguments": arguments})
        assert answer["isError"] and words in answer["content"][0]["text"]


def test_a_client_may_ask_for_all_and_the_command_line_does(make_hub):
    hub = make_hub({"plain": plain()}, {"result_limit_bytes": 1000, "result_piece_bytes": 300})
    session = mcp.Session(hub, "/mcp")
    params = {"name": "hub__call_tool", "arguments": {"tool": "plain__blob", "arguments": {"bytes": 5000}}}
    assert len(session.ask("tools/call", params)["content"][0]["text"]) == 300
    assert len(session.ask("tools/call", {**params, "_meta": {"hub/whole_result": True}})["content"][0]["text"]) == 5000
    assert hub.cli("call", "plain__blob", "bytes=5000").stdout.strip() == "x" * 5000


def test_transparent_doors_give_all_unless_they_are_told_otherwise(make_hub):
    servers = {"plain": plain()}
    hub = make_hub(servers, {"result_limit_bytes": 1000})
    assert len(mcp.text_of(mcp.Session(hub, "/mcp/plain").call("blob", {"bytes": 5000}))) == 5000
    hub.stop()
    hub = make_hub(servers, {"result_limit_bytes": 1000, "result_piece_bytes": 300, "cut_transparent_results": True})
    session = mcp.Session(hub, "/mcp/plain")
    cut = session.call("blob", {"bytes": 5000})
    token = cut["_meta"]["hub/result"]["result"]
    assert "hub__read_result" in [tool["name"] for tool in session.ask("tools/list")["tools"]]
    more = session.call("hub__read_result", {"result": token, "offset": 300, "length": 1000})
    assert more["content"][0]["text"] == "x" * 1000
    # Another door knows nothing of it.
    assert mcp.Session(hub, "/mcp").call("hub__read_result", {"result": token})["isError"]


def test_a_stateless_client_reads_on_too_and_a_cached_result_is_kept_whole(make_hub):
    hub = make_hub({"plain": {**plain(), "cache": {"tools": {"blob": 60}}}}, {"result_limit_bytes": 1000, "result_piece_bytes": 300})
    stateless = mcp.Modern(hub, "/mcp")
    for _ in range(2):
        cut = stateless.call("hub__call_tool", {"tool": "plain__blob", "arguments": {"bytes": 5000}})
        assert cut["_meta"]["hub/result"]["total_bytes"] == 5000
        more = stateless.call("hub__call_tool", {"tool": "hub__read_result", "arguments": {"result": cut["_meta"]["hub/result"]["result"], "offset": 300}})
        assert len(more["content"][0]["text"]) == 300
