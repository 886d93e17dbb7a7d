"""The front in the handshake era: negotiation, sessions, ids, batches, GET (mcp.md sections 3, 4, 6)."""

import json
import string

import pytest

from rig import mcp, wire

DOORS = ["/mcp", "/mcp/plain", "/mcp/fresh"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("version", mcp.HANDSHAKE_VERSIONS)
def test_each_handshake_version_is_answered_as_asked(plain_hub, door, version):
    assert mcp.Session(plain_hub, door, version).version == version


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("version", ["2026-07-28", "1999-01-01", "2099-01-01", "latest", ""])
def test_another_version_is_answered_with_the_newest_of_the_handshake(plain_hub, door, version):
    assert mcp.Session(plain_hub, door, version).version == "2025-11-25"


def test_the_federated_hello_is_the_hubs_own(plain_hub):
    hello = mcp.Session(plain_hub).hello
    assert "slm" in hello["serverInfo"]["name"]
    assert {"tools", "resources", "prompts"} <= set(hello["capabilities"])


@pytest.mark.parametrize("server", ["plain", "fresh"])
def test_the_transparent_hello_is_the_servers_own(plain_hub, server):
    hello = mcp.Session(plain_hub, f"/mcp/{server}").hello
    assert hello["serverInfo"] == {"name": server, "version": "1.2.3"}
    assert hello["instructions"] == "Speak plainly."
    assert {"tools", "resources", "prompts", "completions", "logging"} <= set(hello["capabilities"])


def test_session_ids_are_visible_long_and_different(plain_hub):
    ids = {mcp.Session(plain_hub).id for _ in range(20)}
    assert len(ids) == 20
    visible = set(string.printable) - set(string.whitespace)
    assert all(len(id) >= 22 and set(id) <= visible for id in ids)


@pytest.mark.parametrize("door", DOORS)
def test_a_request_without_a_session_id_is_400(plain_hub, door):
    reply = wire.post(plain_hub.port, mcp.request("tools/list"), door)
    assert reply.status == 400
    assert "error" in reply.message


@pytest.mark.parametrize("door", DOORS)
def test_an_unknown_session_is_404(plain_hub, door):
    for message in (mcp.request("tools/list"), {"jsonrpc": "2.0", "method": "notifications/initialized"}):
        assert wire.post(plain_hub.port, message, door, {"Mcp-Session-Id": "0123456789abcdef"}).status == 404


@pytest.mark.parametrize("door", DOORS)
def test_delete_ends_a_session(plain_hub, door):
    session = mcp.Session(plain_hub, door)
    assert 200 <= session.end().status < 300
    assert session.post(mcp.request("ping")).status == 404
    assert session.end().status == 404


def test_delete_without_a_session_id_is_400(plain_hub):
    assert wire.http("DELETE", plain_hub.port, "/mcp").status == 400


def test_a_session_of_one_door_is_unknown_at_another(plain_hub):
    session = mcp.Session(plain_hub, "/mcp/plain")
    session.path = "/mcp/fresh"
    assert session.post(mcp.request("tools/list")).status == 404


@pytest.mark.parametrize("version", ["1999-01-01", "nonsense"])
def test_an_unsupported_version_header_is_400(plain_hub, version):
    session = mcp.Session(plain_hub)
    assert session.post(mcp.request("ping"), {"MCP-Protocol-Version": version}).status == 400


def test_a_missing_version_header_is_served(plain_hub):
    session = mcp.Session(plain_hub)
    assert session.post(mcp.request("ping"), {"MCP-Protocol-Version": None}).result == {}


def test_headers_of_the_other_era_are_ignored(plain_hub):
    session = mcp.Session(plain_hub)
    assert session.post(mcp.request("ping"), {"Mcp-Method": "tools/call", "Mcp-Name": "x"}).result == {}


def test_a_second_initialize_in_a_session_is_refused(plain_hub):
    session = mcp.Session(plain_hub)
    reply = session.post(mcp.initialize())
    assert reply.status == 400
    assert reply.error["code"] == -32600


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "method": "notifications/nobody/knows", "params": {}},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 12345}},
        {"jsonrpc": "2.0", "id": 77, "result": {}},
        {"jsonrpc": "2.0", "id": "77", "error": {"code": -1, "message": "no"}},
    ],
)
def test_notifications_and_answers_are_202_without_a_body(plain_hub, door, message):
    reply = mcp.Session(plain_hub, door).post(message)
    assert reply.status == 202
    assert reply.body == b""


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("id", [0, 1, -5, 2**53 - 1, "", "7", "text", "ü☃", 'quo"te\\', "x" * 200])
def test_an_id_comes_back_as_it_was(plain_hub, door, id):
    session = mcp.Session(plain_hub, door)
    for message in (mcp.request("ping", id=id), mcp.request("tools/list", id=id), mcp.request("nobody/knows", id=id)):
        assert session.post(message).message["id"] == id
        assert type(session.post(message).message["id"]) is type(id)


@pytest.mark.parametrize("door", DOORS)
def test_an_unknown_method_is_method_not_found(plain_hub, door):
    reply = mcp.Session(plain_hub, door).post(mcp.request("nobody/knows"))
    assert reply.status == 200
    assert reply.error["code"] == -32601


@pytest.mark.parametrize("door", DOORS)
def test_setting_the_log_level_is_answered_with_nothing(plain_hub, door):
    assert mcp.Session(plain_hub, door).ask("logging/setLevel", {"level": "warning"}) == {}


@pytest.mark.parametrize("params", [{"level": "loud"}, {}, {"level": 5}])
def test_a_log_level_that_is_none_is_invalid(plain_hub, params):
    with pytest.raises(mcp.RpcError) as error:
        mcp.Session(plain_hub).ask("logging/setLevel", params)
    assert error.value.code == -32602


def test_log_lines_below_the_level_do_not_arrive(plain_hub):
    session = mcp.Session(plain_hub, "/mcp/plain")
    session.ask("logging/setLevel", {"level": "error"})
    messages = list(session.stream("tools/call", {"name": "log", "arguments": {}}))
    levels = [m["params"]["level"] for m in messages if m.get("method") == "notifications/message"]
    assert set(levels) <= {"error"}


def test_a_batch_is_answered_as_a_batch_in_2025_03_26(plain_hub):
    session = mcp.Session(plain_hub, version="2025-03-26")
    batch = [mcp.request("ping", id=1), {"jsonrpc": "2.0", "method": "notifications/x"}, mcp.request("tools/list", id="two")]
    reply = session.post(batch)
    assert reply.status == 200
    assert {m["id"] for m in reply.messages} == {1, "two"}


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25"])
def test_a_batch_is_refused_in_later_versions(plain_hub, version):
    reply = mcp.Session(plain_hub, version=version).post([mcp.request("ping", id=1), mcp.request("ping", id=2)])
    assert reply.status == 400
    assert reply.error["code"] == -32600


def test_initialize_within_a_batch_is_refused(plain_hub):
    reply = wire.post(plain_hub.port, [mcp.initialize(), mcp.request("ping")])
    assert reply.status == 400
    assert "mcp-session-id" not in reply.headers


def test_get_needs_to_accept_events(plain_hub):
    session = mcp.Session(plain_hub)
    reply = wire.http("GET", plain_hub.port, "/mcp", headers={**session.headers, "Accept": "application/json"})
    assert reply.status in (405, 406)


def test_get_without_or_with_an_unknown_session_opens_nothing(plain_hub):
    accept = {"Accept": "text/event-stream"}
    assert wire.http("GET", plain_hub.port, "/mcp", headers=accept).status in (400, 405)
    unknown = {**accept, "Mcp-Session-Id": "0123456789abcdef"}
    assert wire.http("GET", plain_hub.port, "/mcp", headers=unknown).status in (404, 405)


def test_the_stream_of_a_session_tells_of_changed_lists(plain_hub):
    session = mcp.Session(plain_hub, "/mcp/plain")
    get = wire.http_client(plain_hub.port)
    get.request("GET", session.path, headers={**session.headers, "Accept": "text/event-stream"})
    answer = get.getresponse()
    assert answer.status == 200 and answer.headers.get_content_type() == "text/event-stream"
    second = wire.http("GET", plain_hub.port, session.path, headers={**session.headers, "Accept": "text/event-stream"})
    assert second.status == 409
    session.call("add_tool", {"name": "told_on_the_stream"})
    for raw in answer:
        if raw.startswith(b"data:") and raw[5:].strip():
            assert json.loads(raw[5:])["method"] == "notifications/tools/list_changed"
            break
    get.close()


def test_a_resource_that_is_not_there_is_minus_32002_with_its_uri(plain_hub):
    for server in ("plain", "fresh"):
        with pytest.raises(mcp.RpcError) as error:
            mcp.Session(plain_hub, f"/mcp/{server}").ask("resources/read", {"uri": "nowhere://at/all"})
        assert error.value.code == -32002
        assert error.value.data == {"uri": "nowhere://at/all"}
