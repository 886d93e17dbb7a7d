"""The HTTP side of both doors: methods, media types, broken bodies, limits, Host and Origin (mcp.md sections 6, 7, 10)."""

import json
import socket
import time

import pytest

from rig import mcp, processes, wire

PING = mcp.request("ping")
DOORS = ["/mcp", "/mcp/plain"]


def alive(hub):
    """The hub still serves somebody else."""
    assert mcp.Session(hub).ask("ping") == {}


def test_health_answers_on_tcp(plain_hub):
    reply = wire.http("GET", plain_hub.port, "/api/health")
    assert reply.status == 200
    assert reply.messages[0]["status"] == "ok"
    assert isinstance(reply.messages[0]["version"], str)


def test_an_unknown_path_is_404(plain_hub):
    assert wire.http("GET", plain_hub.port, "/nothing/here").status == 404
    assert wire.post(plain_hub.port, PING, "/other").status == 404


@pytest.mark.parametrize("path", ["/api/status", "/api/servers", "/api/tools"])
def test_what_reveals_the_hub_is_not_served_on_tcp(plain_hub, path):
    assert wire.http("GET", plain_hub.port, path).status in (401, 403, 404)


def test_nothing_on_tcp_stops_the_hub(plain_hub):
    assert wire.http("POST", plain_hub.port, "/api/stop", b"", {"Content-Length": "0"}).status in (401, 403, 404)
    alive(plain_hub)


@pytest.mark.parametrize(
    "path",
    ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-authorization-server"],
)
def test_oauth_probes_are_404_without_redirect(plain_hub, path):
    assert wire.http("GET", plain_hub.port, path).status == 404


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_other_methods_are_405_and_name_the_allowed_ones(plain_hub, door, method):
    reply = wire.http(method, plain_hub.port, door, b"{}", {"Content-Type": "application/json", "Accept": wire.BOTH})
    assert reply.status == 405
    assert "POST" in reply.headers["allow"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("type", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_body_of_another_type_is_415(plain_hub, door, type):
    assert wire.post(plain_hub.port, mcp.initialize(), door, {"Content-Type": type}).status == 415


@pytest.mark.parametrize("type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_with_parameters_or_in_capitals_is_json(plain_hub, type):
    assert wire.post(plain_hub.port, mcp.initialize(), headers={"Content-Type": type}).status == 200


@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/xml"])
def test_a_client_that_takes_neither_json_nor_events_gets_406(plain_hub, accept):
    assert wire.post(plain_hub.port, mcp.initialize(), headers={"Accept": accept}).status == 406


@pytest.mark.parametrize(
    "accept", [wire.BOTH, "text/event-stream, application/json", "application/json;q=0.9, text/event-stream;q=0.1, */*"]
)
def test_a_client_that_takes_both_is_served(plain_hub, accept):
    reply = wire.post(plain_hub.port, mcp.initialize(), headers={"Accept": accept})
    assert reply.status == 200
    assert reply.result["serverInfo"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "body", [b"", b"{", b"hello", b'{"jsonrpc":"2.0",}', b"{'a':1}", b'{"jsonrpc":"2.0","id":1,"method":"ping"} x', b"\xef\xbb\xbf", b"nul"]
)
def test_what_is_no_json_is_a_parse_error(plain_hub, door, body):
    reply = wire.post(plain_hub.port, body, door)
    assert reply.status == 400
    assert reply.error["code"] == -32700
    assert reply.message.get("id") is None


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "body",
    [
        b"[]", b'"text"', b"42", b"null", b"{}", b'{"jsonrpc":"1.0","id":1,"method":"ping"}', b'{"id":1,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":null,"method":"ping"}', b'{"jsonrpc":"2.0","id":{},"method":"ping"}',
        b'{"jsonrpc":"2.0","id":[1],"method":"ping"}', b'{"jsonrpc":"2.0","id":true,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":5}', b'{"jsonrpc":"2.0","id":1}', b'{"jsonrpc":"2.0","id":1,"result":{},"error":{}}',
    ],
)
def test_what_is_no_json_rpc_is_an_invalid_request(plain_hub, door, body):
    reply = wire.post(plain_hub.port, body, door)
    assert reply.status == 400
    assert reply.error["code"] == -32600


@pytest.mark.parametrize("params", ["text", 5, True, None])
def test_params_of_a_wrong_type_are_refused(plain_hub, params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}).encode()
    reply = wire.post(plain_hub.port, body)
    assert reply.error["code"] in (-32600, -32602)
    assert "mcp-session-id" not in reply.headers


@pytest.mark.parametrize("params", [{}, {"protocolVersion": 5}, {"protocolVersion": {}, "capabilities": [], "clientInfo": "me"}])
def test_initialize_of_a_wrong_shape_opens_no_session(plain_hub, params):
    reply = wire.post(plain_hub.port, mcp.request("initialize", params))
    if reply.messages and "result" in reply.message:
        assert reply.result["protocolVersion"] in mcp.HANDSHAKE_VERSIONS
    else:
        assert reply.error["code"] in (-32600, -32602)
        assert "mcp-session-id" not in reply.headers


@pytest.mark.parametrize("opening,closing", [(b"[", b"]"), (b'{"a":', b"}")])
def test_200_000_nested_brackets_are_refused(plain_hub, opening, closing):
    body = opening * 200_000 + b"1" + closing * 200_000
    reply = wire.post(plain_hub.port, body)
    assert reply.status == 400
    assert reply.error["code"] in (-32700, -32600)
    nested = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":' + body + b"}}"
    assert wire.post(plain_hub.port, nested).status == 400
    alive(plain_hub)


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\x80"])
def test_bad_utf8_is_a_parse_error(plain_hub, bad):
    reply = wire.post(plain_hub.port, b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"' + bad + b'"}}')
    assert reply.status == 400
    assert reply.error["code"] == -32700


def test_a_body_of_100_mb_is_413_before_it_is_sent(plain_hub):
    head = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
    answer = wire.exchange(plain_hub.port, head + b"Content-Length: 104857600\r\n\r\n{", timeout=5)
    assert answer.startswith(b"HTTP/1.1 413")
    alive(plain_hub)


def test_an_endless_chunked_body_is_413_and_memory_stays(plain_hub):
    before = processes.resident_kb(plain_hub.pid)
    head = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    with wire.connect(plain_hub.port, 10) as connection:
        connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
        answer = b""
        try:
            for _ in range(100):
                connection.sendall(chunk)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            pass
        try:
            answer = connection.recv(4096)
        except ConnectionResetError:
            pass
    assert not answer or answer.startswith(b"HTTP/1.1 413")
    processes.wait_for(lambda: processes.resident_kb(plain_hub.pid) < before + 40_000, 5, "memory given back")
    alive(plain_hub)


def test_headers_without_end_are_431(plain_hub):
    answer = wire.exchange(plain_hub.port, b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", timeout=5)
    assert not answer or answer.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))
    alive(plain_hub)


@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_400_or_closed(plain_hub, raw):
    answer = wire.exchange(plain_hub.port, raw, timeout=3)
    assert not answer or answer.startswith(b"HTTP/1.1 400") or answer.startswith(b"HTTP/1.0 400")
    alive(plain_hub)


@pytest.mark.timeout(60)
def test_half_a_request_and_silence_is_ended_and_hurts_nobody(plain_hub):
    with wire.connect(plain_hub.port, 45) as half:
        half.sendall(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        alive(plain_hub)
        started = time.monotonic()
        answer = half.recv(4096)
        assert not answer or answer.startswith(b"HTTP/1.1 408")
        assert time.monotonic() - started < 40


def test_requests_sent_at_once_are_answered_in_order(plain_hub):
    session = mcp.Session(plain_hub)

    def raw(id, last):
        body = json.dumps(mcp.request("ping", id=id)).encode()
        lines = {
            "Host": "localhost", "Content-Type": "application/json", "Accept": wire.BOTH, "Content-Length": str(len(body)),
            "Connection": "close" if last else "keep-alive", **session.headers,
        }
        return b"POST /mcp HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()).encode() + b"\r\n" + body

    answer = wire.exchange(plain_hub.port, b"".join(raw(i, i == 5) for i in range(6)), timeout=5).decode()
    places = [answer.find(f'"id":{i}') for i in range(6)]
    assert -1 not in places and places == sorted(places), answer


@pytest.mark.parametrize("host", ["localhost", "localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}"])
def test_a_loopback_host_is_served(plain_hub, host):
    assert wire.post(plain_hub.port, mcp.initialize(), headers={"Host": host.format(port=plain_hub.port)}).status == 200


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", ""])
def test_a_foreign_host_is_refused(plain_hub, door, host):
    reply = wire.post(plain_hub.port, mcp.initialize(), door, {"Host": host})
    assert 400 <= reply.status < 500
    assert "mcp-session-id" not in reply.headers


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1", "http://[::1]:5173", "https://localhost"])
def test_a_loopback_origin_is_served(plain_hub, origin):
    assert wire.post(plain_hub.port, mcp.initialize(), headers={"Origin": origin}).status == 200


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "https://localhost.evil.example", "null", "file://", "http://localhost@evil.example", "localhost", "http://"]
)
def test_a_foreign_origin_is_403(plain_hub, door, origin):
    reply = wire.post(plain_hub.port, mcp.initialize(), door, {"Origin": origin})
    assert reply.status == 403
    assert "mcp-session-id" not in reply.headers


def test_a_preflight_of_a_loopback_page_tells_the_headers(plain_hub):
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "mcp-session-id"}
    reply = wire.http("OPTIONS", plain_hub.port, "/mcp", headers=asked)
    assert reply.status in (200, 204)
    assert reply.headers["access-control-allow-origin"] == "http://localhost:3000"
    allowed = reply.headers["access-control-allow-headers"].lower()
    assert "mcp-session-id" in allowed and "mcp-protocol-version" in allowed
    served = wire.post(plain_hub.port, mcp.initialize(), headers={"Origin": "http://localhost:3000"})
    assert "mcp-session-id" in served.headers["access-control-expose-headers"].lower()


def test_a_preflight_of_a_foreign_page_is_refused(plain_hub):
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    reply = wire.http("OPTIONS", plain_hub.port, "/mcp", headers=asked)
    assert reply.status == 403
    assert "access-control-allow-origin" not in reply.headers


def test_an_unknown_server_is_named_and_opens_no_session(plain_hub):
    reply = wire.post(plain_hub.port, mcp.initialize(), "/mcp/nobody")
    assert reply.status in (200, 404)
    assert "nobody" in reply.error["message"]
    assert "mcp-session-id" not in reply.headers


def test_a_thousand_idle_connections_hurt_nobody_and_leave_nothing(make_hub):
    hub = make_hub({})
    alive(hub)
    before = len(processes.descriptors(hub.pid))
    idle = [socket.create_connection(("127.0.0.1", hub.port)) for _ in range(1000)]
    try:
        started = time.monotonic()
        alive(hub)
        assert time.monotonic() - started < 1
    finally:
        for connection in idle:
            connection.close()
    processes.wait_for(lambda: len(processes.descriptors(hub.pid)) <= before + 2, 10, "the end of idle connections")
