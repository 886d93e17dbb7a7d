"""The front in the stateless era: metadata, mirrored headers, discovery, removed methods (mcp.md sections 3, 5, 7)."""

import base64

import pytest

from rig import mcp, wire

DOORS = ["/mcp", "/mcp/plain", "/mcp/fresh"]
VERSION = mcp.META + "protocolVersion"
CAPABILITIES = mcp.META + "clientCapabilities"


@pytest.mark.parametrize("door", DOORS)
def test_discover_tells_versions_capabilities_and_the_server(plain_hub, door):
    result = mcp.Modern(plain_hub, door).ask("server/discover")
    assert result["resultType"] == "complete"
    assert result["supportedVersions"] == [mcp.MODERN]
    assert {"tools", "resources", "prompts"} <= set(result["capabilities"])
    assert isinstance(result["ttlMs"], int) and result["ttlMs"] >= 0
    assert result["cacheScope"] in ("public", "private")
    assert result["_meta"][mcp.META + "serverInfo"]["name"]


@pytest.mark.parametrize("server", ["plain", "fresh"])
def test_the_transparent_discovery_is_the_servers_own(plain_hub, server):
    result = mcp.Modern(plain_hub, f"/mcp/{server}").ask("server/discover")
    assert result["_meta"][mcp.META + "serverInfo"]["name"] == server
    assert result["instructions"] == "Speak plainly."


@pytest.mark.parametrize("missing", [VERSION, CAPABILITIES, "_meta"])
def test_a_missing_key_of_the_metadata_is_400(plain_hub, missing):
    params = mcp.modern_params()
    if missing == "_meta":
        params = {}
    else:
        del params["_meta"][missing]
    message = mcp.request("server/discover", params, 31)
    reply = wire.post(plain_hub.port, message, headers=mcp.modern_headers("server/discover", params))
    assert reply.status == 400
    assert reply.error["code"] == -32602
    assert reply.message["id"] == 31


def test_a_client_need_not_say_its_name(plain_hub):
    params = mcp.modern_params()
    del params["_meta"][mcp.META + "clientInfo"]
    reply = wire.post(plain_hub.port, mcp.request("tools/list", params), headers=mcp.modern_headers("tools/list", params))
    assert reply.result["resultType"] == "complete"


@pytest.mark.parametrize("version", ["2099-01-01", "2025-11-25", "nonsense"])
def test_an_unsupported_version_is_400_and_told_what_is_supported(plain_hub, version):
    params = mcp.modern_params()
    params["_meta"][VERSION] = version
    headers = {**mcp.modern_headers("server/discover", params), "MCP-Protocol-Version": version}
    reply = wire.post(plain_hub.port, mcp.request("server/discover", params, "x"), headers=headers)
    assert reply.status == 400
    assert reply.error["code"] == -32022
    assert reply.error["data"] == {"supported": [mcp.MODERN], "requested": version}
    assert reply.message["id"] == "x"


@pytest.mark.parametrize(
    "headers",
    [
        {"MCP-Protocol-Version": None},
        {"MCP-Protocol-Version": "2025-11-25"},
        {"Mcp-Method": None},
        {"Mcp-Method": "tools/list"},
        {"Mcp-Method": "TOOLS/CALL"},
        {"Mcp-Name": None},
        {"Mcp-Name": "ECHO"},
        {"Mcp-Name": "other"},
        {"Mcp-Name": "=?base64?!!!?="},
        {"Mcp-Name": "=?base64?" + base64.b64encode(b"other").decode() + "?="},
    ],
)
def test_headers_that_do_not_mirror_the_body_are_400(plain_hub, headers):
    reply = mcp.Modern(plain_hub, "/mcp/plain").post("tools/call", {"name": "echo", "arguments": {}}, headers, id=5)
    assert reply.status == 400
    assert reply.error["code"] == -32020
    assert reply.message["id"] == 5


@pytest.mark.parametrize(
    "headers",
    [
        {"Mcp-Name": "  echo  "},
        {"Mcp-Name": "=?base64?" + base64.b64encode(b"echo").decode() + "?="},
        {"Mcp-Name": None, "MCP-NAME": "echo", "Mcp-Method": None, "mCP-mETHOD": "tools/call"},
        {"Mcp-Param-Unknown": "kept"},
    ],
)
def test_headers_are_trimmed_decoded_and_of_any_case(plain_hub, headers):
    reply = mcp.Modern(plain_hub, "/mcp/plain").post("tools/call", {"name": "echo", "arguments": {"text": "ok"}}, headers)
    assert mcp.text_of(reply.result) == "ok"


def test_a_uri_is_mirrored_for_resources(plain_hub):
    client = mcp.Modern(plain_hub, "/mcp/plain")
    reply = client.post("resources/read", {"uri": "note://one"}, {"Mcp-Name": "note://two"})
    assert (reply.status, reply.error["code"]) == (400, -32020)
    assert client.ask("resources/read", {"uri": "note://one"})["contents"][0]["text"] == "plain: note://one"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "method",
    ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "nobody/knows", "roots/list", "tasks/list"],
)
def test_removed_and_unknown_methods_are_404(plain_hub, door, method):
    reply = mcp.Modern(plain_hub, door).post(method, {}, id="m")
    assert reply.status == 404
    assert reply.error["code"] == -32601
    assert reply.message["id"] == "m"


def test_no_session_is_minted_or_asked_for(plain_hub):
    client = mcp.Modern(plain_hub)
    for headers in ({}, {"Mcp-Session-Id": "whatever"}, {"Last-Event-ID": "5"}):
        reply = client.post("tools/list", headers=headers)
        assert reply.status == 200
        assert "mcp-session-id" not in reply.headers


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("method", ["tools/list", "resources/list", "resources/templates/list", "prompts/list"])
def test_lists_are_complete_and_say_how_long_they_hold(plain_hub, door, method):
    first = mcp.Modern(plain_hub, door).ask(method)
    assert first["resultType"] == "complete"
    assert isinstance(first["ttlMs"], int) and first["ttlMs"] >= 0
    assert first["cacheScope"] in ("public", "private")
    assert first == mcp.Modern(plain_hub, door).ask(method)


@pytest.mark.parametrize("server", ["plain", "fresh"])
def test_results_of_either_kind_of_server_are_complete(plain_hub, server):
    client = mcp.Modern(plain_hub, f"/mcp/{server}")
    called = client.call("echo", {"text": "hi"})
    assert called["resultType"] == "complete" and mcp.text_of(called) == "hi"
    read = client.ask("resources/read", {"uri": "note://one"})
    assert read["resultType"] == "complete" and read["ttlMs"] >= 0 and read["cacheScope"] in ("public", "private")
    prompt = client.ask("prompts/get", {"name": "greet", "arguments": {"who": "Ada"}})
    assert prompt["resultType"] == "complete"
    asked = {"ref": {"type": "ref/prompt", "name": "greet"}, "argument": {"name": "who", "value": "an"}}
    assert client.ask("completion/complete", asked)["completion"]["values"] == ["anna", "anton"]


@pytest.mark.parametrize("server", ["plain", "fresh"])
def test_a_resource_that_is_not_there_is_minus_32602_with_its_uri(plain_hub, server):
    reply = mcp.Modern(plain_hub, f"/mcp/{server}").post("resources/read", {"uri": "nowhere://at/all"})
    assert reply.status == 200
    assert reply.error["code"] == -32602
    assert reply.error["data"] == {"uri": "nowhere://at/all"}


def test_an_unknown_tool_is_an_error_of_the_handler(plain_hub):
    for door in DOORS:
        reply = mcp.Modern(plain_hub, door).post("tools/call", {"name": "nobody__knows", "arguments": {}})
        assert reply.status == 200
        assert reply.error["code"] == -32602


def test_a_notification_is_202(plain_hub):
    message = {"jsonrpc": "2.0", "method": "notifications/x", "params": {"_meta": {VERSION: mcp.MODERN}}}
    reply = wire.post(plain_hub.port, message, headers={"MCP-Protocol-Version": mcp.MODERN, "Mcp-Method": "notifications/x"})
    assert (reply.status, reply.body) == (202, b"")


def test_a_batch_is_400(plain_hub):
    message = mcp.request("tools/list", mcp.modern_params())
    reply = wire.post(plain_hub.port, [message, message], headers=mcp.modern_headers("tools/list", {}))
    assert reply.status == 400
    assert reply.error["code"] == -32600


def test_log_lines_come_only_when_asked_for(plain_hub):
    client = mcp.Modern(plain_hub, "/mcp/plain")
    call = {"name": "log", "arguments": {}}

    def levels(params):
        messages = list(client.stream("tools/call", params))
        assert "result" in messages[-1]
        return [m["params"]["level"] for m in messages if m.get("method") == "notifications/message"]

    assert levels(call) == []
    assert levels({**call, "_meta": {mcp.META + "logLevel": "warning"}}) == ["warning", "error"]


def test_both_eras_are_served_at_one_url(plain_hub):
    session, modern = mcp.Session(plain_hub), mcp.Modern(plain_hub)
    assert {t["name"] for t in session.ask("tools/list")["tools"]} == {t["name"] for t in modern.ask("tools/list")["tools"]}


def test_a_result_may_be_streamed_as_the_client_accepts(plain_hub):
    client = mcp.Modern(plain_hub, "/mcp/plain")
    json_only = client.post("tools/call", {"name": "count", "arguments": {}}, {"Accept": "application/json"})
    assert json_only.status == 406 or (json_only.type == "application/json" and mcp.text_of(json_only.result) == "counted to 3")
    events_only = client.post("tools/call", {"name": "echo", "arguments": {}}, {"Accept": "text/event-stream"})
    assert events_only.status == 406 or events_only.type == "text/event-stream"
