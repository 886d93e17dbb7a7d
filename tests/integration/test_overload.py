"""Too much and too slow: what is larger than its limit is refused, who holds on is ended at his time, and nobody else notices."""

import json
import resource
import socket
import threading

import pytest

from rig import mcp, places, processes, wire
from rig.hostile import head, serves_health, statuses, still_serves

CALL = {"name": "echo", "arguments": {"text": "taken"}}


@pytest.mark.parametrize("size,status", [(4_000_000, 413), (900_000, 200)])
def test_a_body_beyond_the_limit_is_413(make_hub, size, status):
    hub = make_hub({"plain": places.our_server("plain.py")}, {"max_body_bytes": 1 << 20})
    session = mcp.Session(hub, "/mcp/plain")
    reply = session.post(mcp.request("tools/call", {"name": "echo", "arguments": {"text": "x" * size}}))
    assert reply.status == status
    still_serves(hub)


def test_a_batch_beyond_the_limit_is_refused_whole(plain_hub, record):
    session = mcp.Session(plain_hub, "/mcp/plain", version="2025-03-26")
    for count in (65, 5_000):
        reply = session.post([mcp.request("tools/call", CALL, id) for id in range(count)])
        assert reply.error["code"] == -32600
        assert b"taken" not in reply.body
    still_serves(plain_hub)


@pytest.mark.parametrize("body", [b'{"a":' * 300 + b"1" + b"}" * 300, b"[" * 300 + b"]" * 300], ids=["objects", "arrays"])
def test_deep_arguments_are_refused(plain_hub, body):
    raw = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"a":' + body + b"}}}"
    assert mcp.Session(plain_hub, "/mcp/plain").post(raw).error["code"] == -32700
    still_serves(plain_hub)


@pytest.mark.parametrize("what", ["id", "method", "name", "token", "keys", "number"])
def test_large_members_are_answered_or_refused_and_hurt_nobody(plain_hub, what):
    much = "y" * 300_000
    params = {**CALL, "name": much} if what == "name" else {**CALL, "_meta": {"progressToken": much}} if what == "token" else CALL
    if what == "keys":
        params = {**CALL, "arguments": {f"k{i}": i for i in range(50_000)}}
    message = mcp.request(much if what == "method" else "tools/call", params, much if what == "id" else 1)
    raw = json.dumps(message).encode()
    if what == "number":
        raw = raw.replace(b'"taken"', b"9" * 300_000)
    reply = mcp.Session(plain_hub, "/mcp/plain").post(raw)
    assert reply.status in (200, 400, 413)
    still_serves(plain_hub)


# Slow ones: each holds nothing but its own connection, and that not for ever.


def trickle(port: int, first: bytes, drop: bytes, stop: threading.Event) -> bytes:
    """Sends a few bytes every now and then until the hub has had enough; what it said."""
    with socket.create_connection(("127.0.0.1", port), timeout=0.5) as connection:
        connection.sendall(first)
        while not stop.is_set():
            try:
                if said := connection.recv(4096):
                    return said
                return b"closed"
            except TimeoutError:
                pass
            except ConnectionResetError:
                return b"closed"
            try:
                connection.sendall(drop)
            except (BrokenPipeError, ConnectionResetError):
                return b"closed"
        return b""


@pytest.mark.timeout(150)
def test_headers_that_never_end_are_ended_at_their_time_though_bytes_keep_coming(plain_hub):
    stop = threading.Event()
    ends = []
    slow = [threading.Thread(target=lambda: ends.append(trickle(plain_hub.port, b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nX: ", b"y", stop))) for _ in range(30)]
    [thread.start() for thread in slow]
    still_serves(plain_hub)
    [thread.join(100) for thread in slow]
    stop.set()
    [thread.join(10) for thread in slow]
    assert len(ends) == 30 and all(end == b"closed" or end.startswith(b"HTTP/1.1 408") for end in ends), ends[:3]
    still_serves(plain_hub)


def deaf_connection(port: int) -> socket.socket:
    """A connection with little room for what is not read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", port))
    return connection


def test_clients_that_do_not_read_their_answers_delay_nobody_and_leave_nothing(make_hub):
    # The unit tests of the connection have its time limit.
    hub = make_hub({"plain": places.our_server("plain.py")})
    session = mcp.Session(hub, "/mcp/plain")
    body = json.dumps(mcp.request("tools/call", {"name": "blob", "arguments": {"bytes": 8_000_000}})).encode()
    lines = [f"{name}: {value}".encode() for name, value in session.headers.items()]
    raw = head("/mcp/plain", *lines, b"Content-Length: %d" % len(body)) + body
    before = len(processes.descriptors(hub.pid))
    deaf = [deaf_connection(hub.port) for _ in range(5)]
    try:
        for connection in deaf:
            connection.sendall(raw)
        for _ in range(20):
            still_serves(hub)
        assert [connection for connection in deaf if connection.recv(4096).startswith(b"HTTP/1.1 200")] == deaf
        still_serves(hub)
    finally:
        for connection in deaf:
            connection.close()
    processes.wait_for(lambda: len(processes.descriptors(hub.pid)) <= before + 1, 60, "the end of the connections that nobody read")
    still_serves(hub)


def test_the_end_of_connections_that_are_too_many_is_told(make_hub):
    hub = make_hub({"plain": places.our_server("plain.py")}, {"max_connections": 20})
    session = mcp.Session(hub, "/mcp/plain")
    crowd = [socket.create_connection(("127.0.0.1", hub.port), timeout=30) for _ in range(20)]
    try:
        answer = wire.exchange(hub.port, head("/mcp", b"Content-Length: 0"))
        assert not answer or statuses(answer) == [503]
    finally:
        [connection.close() for connection in crowd]
    processes.wait_for(lambda: serves_health(hub), 30, "room for a connection")
    assert mcp.text_of(session.call("echo", {"text": "room"})) == "room"


def test_a_disk_that_takes_nothing_more_stops_no_call(make_hub):
    hub = make_hub({"plain": places.our_server("plain.py")}, {"log_level": "debug"})
    still_serves(hub)
    was = resource.prlimit(hub.pid, resource.RLIMIT_FSIZE)
    # Unlike a disk that is full, this hurts nobody else on the machine; to the hub both are a write that fails.
    resource.prlimit(hub.pid, resource.RLIMIT_FSIZE, (512, was[1]))
    for _ in range(20):
        still_serves(hub)
    assert hub.cli("status").returncode == 0
    resource.prlimit(hub.pid, resource.RLIMIT_FSIZE, was)
    session = mcp.Session(hub, "/mcp/plain")
    hub.stop()
    hub.start()
    assert mcp.text_of(session.call("echo", {"text": "kept"})) == "kept"


def audit_lines(hub):
    """What the audit says of requests that were turned away."""
    file = hub.config_dir / "audit.jsonl"
    return [json.loads(line) for line in (file.read_text().splitlines() if file.exists() else []) if '"event":"refused"' in line]


def test_a_client_that_sends_more_than_its_rate_is_told_to_wait_and_others_are_not(make_hub):
    hub = make_hub({"plain": places.our_server("plain.py")}, {"rate_limit": {"per_second": 0.5, "burst": 5}})
    eager, modest = mcp.Session(hub, "/mcp/plain"), mcp.Session(hub, "/mcp/plain")
    replies = [eager.post(mcp.request("ping", id=f"p{turn}")) for turn in range(10)]
    refused = [reply for reply in replies if reply.status == 429]
    assert refused and int(refused[0].headers["retry-after"]) >= 1 and "rate_limit" in refused[0].message["error"]["message"]
    assert modest.post(mcp.request("ping")).status == 200
    # The command line is the owner's, and is never told to wait.
    assert all(hub.cli("status").returncode == 0 for _ in range(3))
    said = lambda: [line for line in audit_lines(hub) if line["reason"] == "429 too many requests"]
    processes.wait_for(said, 10, "the refusals in the audit")
    assert hub.cli("audit", "verify").returncode == 0


def test_what_a_door_turns_away_is_in_the_audit_once_a_second_and_not_once_a_request(make_hub):
    hub = make_hub({"plain": places.our_server("plain.py")}, {"require_token": True})
    for _ in range(50):
        assert wire.post(hub.port, mcp.initialize(), "/mcp/plain").status == 401
    wire.post(hub.port, mcp.initialize(), "/mcp/plain", {"Origin": "https://evil.example"})
    processes.wait_for(lambda: sum(line["count"] for line in audit_lines(hub)) == 51, 10, "the refusals in the audit")
    assert len(audit_lines(hub)) < 10 and {line["reason"] for line in audit_lines(hub)} == {"401 no token", "403 Origin"}
