"""Attacks from outside: a web page, a name that was rebound, smuggled headers, guessed sessions, paths with tricks. Each gets a refusal,
and nobody else notices."""

import json
import uuid

import pytest

from rig import mcp, wire
from rig.hostile import head, statuses, still_serves

EVIL = "evil.example"
CALL = {"name": "echo", "arguments": {"text": "taken"}}
DOORS = ["/mcp", "/mcp/plain", "/mcp/fresh"]
PING = json.dumps(mcp.initialize()).encode()


# Rebinding: the browser of a victim believes that a name of the attacker is the hub's address.


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("host", [f"{EVIL}:PORT", f"localhost.{EVIL}", "127.0.0.1.nip.io:PORT", "0.0.0.0:PORT", f"localhost@{EVIL}", "[::1", "127.1", "localhost:PORT:1", "localhost, evil"])
def test_a_rebound_name_reaches_no_door(plain_hub, door, host):
    for body in (mcp.initialize(), mcp.request("tools/call", mcp.modern_params(CALL))):
        reply = wire.post(plain_hub.port, body, door, {"Host": host.replace("PORT", str(plain_hub.port))})
        assert 400 <= reply.status < 500
        assert "mcp-session-id" not in reply.headers and b"taken" not in reply.body


def test_an_absolute_target_does_not_hide_a_foreign_host(plain_hub):
    for target in (f"http://{EVIL}/mcp", f"HTTP://{EVIL}:{plain_hub.port}/mcp"):
        raw = head(target, b"Content-Length: %d" % len(PING), b"Connection: close") + PING
        (status,) = statuses(wire.exchange(plain_hub.port, raw))
        assert 400 <= status < 500


@pytest.mark.parametrize("lines", [[b"Host: evil.example"], [b"HOST: evil.example"], [b"Host : evil.example"]])
def test_a_second_host_is_refused(plain_hub, lines):
    answer = wire.exchange(plain_hub.port, head("/mcp", *lines, b"Content-Length: %d" % len(PING), b"Connection: close") + PING)
    assert statuses(answer) == [400]


# Cross-site: a page of another origin sends what a form or a simple fetch can.


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain; application/json"])
def test_a_form_of_a_foreign_page_does_nothing(plain_hub, door, type):
    with_origin = {"Origin": f"https://{EVIL}", "Content-Type": type, "Accept": "*/*"}
    # An old browser, or one that was told not to tell.
    without = {"Content-Type": type, "Accept": "*/*"}
    for headers, expected in ((with_origin, 403), (without, 415)):
        reply = wire.post(plain_hub.port, mcp.request("tools/call", mcp.modern_params(CALL)), door, headers)
        assert reply.status == expected
        assert b"taken" not in reply.body


@pytest.mark.parametrize("door", DOORS)
def test_a_foreign_page_may_read_nothing(plain_hub, door):
    asked = {"Origin": f"https://{EVIL}", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,mcp-session-id"}
    preflight = wire.http("OPTIONS", plain_hub.port, door, headers=asked)
    assert preflight.status == 403
    stream = wire.http("GET", plain_hub.port, door, headers={"Origin": f"https://{EVIL}", "Accept": "text/event-stream"})
    assert stream.status == 403
    assert not [name for name in (*preflight.headers, *stream.headers) if name.startswith("access-control-allow")]


def test_a_foreign_page_ends_nobody_elses_session(plain_hub):
    victim = mcp.Session(plain_hub, "/mcp/plain")
    reply = wire.http("DELETE", plain_hub.port, "/mcp/plain", headers={**victim.headers, "Origin": f"https://{EVIL}"})
    assert reply.status == 403
    assert mcp.text_of(victim.call("echo", {"text": "here"})) == "here"


# Smuggling: two readers of one connection must not disagree about where a request ends.

INNER = b"POST /mcp/plain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        head("/mcp", b"Content-Length: 0", b"Content-Length: %d" % len(INNER)) + INNER,
        head("/mcp", b"Content-Length: 0, %d" % len(INNER)) + INNER,
        head("/mcp", b"Content-Length: 4", b"Transfer-Encoding: chunked") + b"0\r\n\r\n" + INNER,
        head("/mcp", b"Transfer-Encoding: chunked", b"Content-Length: 4") + b"0\r\n\r\n" + INNER,
        head("/mcp", b"Transfer-Encoding: chunked, identity") + b"0\r\n\r\n" + INNER,
        head("/mcp", b"Transfer-Encoding: identity, chunked", b"Content-Length: 4") + b"0\r\n\r\n" + INNER,
        head("/mcp", b"Transfer-Encoding : chunked") + b"0\r\n\r\n" + INNER,
        head("/mcp", b"Content-Length : 0") + INNER,
        head("/mcp", b"Content-Length: +5") + b"hello" + INNER,
        head("/mcp", b"Content-Length: 0x5") + b"hello" + INNER,
        head("/mcp", b"Content-Length: 18446744073709551617") + b"h" + INNER,
        head("/mcp", b"Content-Length: ") + INNER,
        head("/mcp", b"Transfer-Encoding: chunked") + b"-1\r\n\r\n" + INNER,
        head("/mcp", b"Transfer-Encoding: chunked") + b"ffffffffffffffff1\r\n\r\n" + INNER,
        head("/mcp", b"Transfer-Encoding: chunked") + b"5\r\nhelloX0\r\n\r\n" + INNER,
        head("/mcp", b"X: a\x00b", b"Content-Length: 0") + INNER,
        head("/mcp", b"X\x00: a", b"Content-Length: 0") + INNER,
        head("/mcp", b"X Y: a", b"Content-Length: 0") + INNER,
        head("/mcp", b": nothing", b"Content-Length: 0") + INNER,
        head("/mcp", b"no colon", b"Content-Length: 0") + INNER,
        head("/mcp", b"X: a\rY: b", b"Content-Length: 0") + INNER,
        b"POST /mcp HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n" + INNER,
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nX: a\nContent-Length: 0\r\n\r\n" + INNER,
        b"POST /mcp\x00 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n" + INNER,
        b"POST  /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n" + INNER,
        b"POST /mcp HTTP/1.1 \r\nHost: localhost\r\nContent-Length: 0\r\n\r\n" + INNER,
        b"POST /mcp HTTP/9.9\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n" + INNER,
    ],
    ids=lambda raw: repr(raw[:-len(INNER)].replace(head("/mcp")[:-2], b""))[2:60],
)
def test_a_request_whose_end_is_unclear_is_the_last_of_its_connection(plain_hub, raw):
    answer = wire.exchange(plain_hub.port, raw)
    assert len(statuses(answer)) <= 1, answer
    assert all(400 <= status < 600 for status in statuses(answer)), answer
    still_serves(plain_hub)


def test_a_folded_header_hides_no_other(plain_hub):
    folded = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nX: a\r\n Origin: https://evil.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    assert all(400 <= status < 500 for status in statuses(wire.exchange(plain_hub.port, folded)))
    hidden = head("/mcp", b"Origin:\r\n https://evil.example", b"Content-Length: %d" % len(PING), b"Connection: close") + PING
    assert all(status in (400, 403) for status in statuses(wire.exchange(plain_hub.port, hidden)))


@pytest.mark.parametrize("name", [b"Origin", b"Mcp-Session-Id", b"Content-Type", b"MCP-Protocol-Version"])
def test_a_header_that_counts_once_may_not_come_twice(plain_hub, name):
    lines = [name + b": ", name + b": x", b"Content-Length: %d" % len(PING), b"Connection: close"]
    assert statuses(wire.exchange(plain_hub.port, head("/mcp", *lines) + PING)) == [400]


@pytest.mark.parametrize("lines", [[b"X-%d: y" % i for i in range(5000)], [b"X: " + b"y" * 100_000], [b"X" * 40_000 + b": y"]], ids=["many", "huge value", "huge name"])
def test_too_many_and_too_large_headers_are_431(plain_hub, lines):
    answer = wire.exchange(plain_hub.port, head("/mcp", *lines, b"Content-Length: 0"))
    assert not answer or statuses(answer) == [431]
    still_serves(plain_hub)


def test_a_session_id_with_a_line_end_writes_no_header(plain_hub):
    for door in ("/mcp/plain%0d%0aX-Injected:%20yes", "/mcp/%0d%0a%0d%0a{}"):
        answer = wire.exchange(plain_hub.port, head(door, b"Content-Length: %d" % len(PING), b"Connection: close") + PING)
        assert len(statuses(answer)) == 1
        assert b"x-injected" not in answer.partition(b"\r\n\r\n")[0].lower()


# Sessions: nobody comes by a session that the hub did not give him.


def with_session(hub, id: str, path="/mcp/plain"):
    headers = {"Mcp-Session-Id": id, "MCP-Protocol-Version": "2025-11-25"}
    return wire.post(hub.port, mcp.request("tools/call", CALL), path, headers)


GUESSES = ["0", "1", "admin", "a" * 64, "0" * 32, "../../x", "%00", "'; DROP TABLE session; --", "é".encode().decode("latin-1"), "x" * 20_000]


@pytest.mark.parametrize("id", GUESSES, ids=lambda id: id[:12])
def test_a_guessed_session_is_not_there(plain_hub, id):
    reply = with_session(plain_hub, id)
    assert reply.status in (400, 404)
    assert "mcp-session-id" not in reply.headers


@pytest.mark.parametrize("change", ["first", "last", "shorter", "longer", "capitals"])
def test_nearly_the_id_of_a_session_is_no_session(plain_hub, change):
    id = mcp.Session(plain_hub, "/mcp/plain").id
    other = lambda c: "0" if c != "0" else "1"
    near = {"first": other(id[0]) + id[1:], "last": id[:-1] + other(id[-1]), "shorter": id[:-1], "longer": id + "0", "capitals": id.swapcase()}[change]
    if near != id:
        assert with_session(plain_hub, near).status == 404


def test_a_chosen_session_id_is_not_taken_over(plain_hub):
    chosen = uuid.uuid4().hex
    reply = wire.post(plain_hub.port, mcp.initialize(), "/mcp/plain", {"Mcp-Session-Id": chosen})
    assert reply.headers.get("mcp-session-id") != chosen
    assert with_session(plain_hub, chosen).status == 404


def test_session_ids_are_long_and_never_alike(plain_hub):
    ids = [mcp.Session(plain_hub, "/mcp/plain").id for _ in range(64)]
    assert len(set(ids)) == len(ids)
    assert min(map(len, ids)) >= 32
    # Neighbours share no run of characters that a counter or a clock would leave.
    alike = max(sum(a == b for a, b in zip(x, y)) for x, y in zip(ids, ids[1:]))
    assert alike < len(ids[0]) * 2 // 3


def test_a_session_is_good_at_its_own_door_alone(plain_hub):
    id = mcp.Session(plain_hub, "/mcp/plain").id
    for door in ("/mcp", "/mcp/fresh"):
        assert with_session(plain_hub, id, door).status in (400, 404)
        assert wire.http("DELETE", plain_hub.port, door, headers={"Mcp-Session-Id": id}).status in (400, 404)
    assert with_session(plain_hub, id).status == 200


def test_an_ended_session_stays_ended(plain_hub):
    session = mcp.Session(plain_hub, "/mcp/plain")
    session.end()
    assert with_session(plain_hub, session.id).status == 404


def test_status_does_not_tell_whole_session_ids(plain_hub):
    id = mcp.Session(plain_hub, "/mcp/plain").id
    assert id not in plain_hub.cli("status", "--json").stdout + plain_hub.log()


# Paths: the name in /mcp/{server} is a key, never a path.


@pytest.mark.parametrize(
    "path",
    ["/mcp/%2e%2e", "/mcp/../api/status", "/mcp/%2e%2e/api/status", "/mcp/plain/..", "/mcp/plain/../fresh", "/mcp/./plain", "/mcp//plain", "//mcp/plain",
     "/mcp/plain%2f..%2ffresh", "/mcp/%2fetc%2fpasswd", "/mcp/plain%00", "/mcp/plain%00.json", "/mcp/%", "/mcp/%2", "/mcp/%zz", "/mcp/%252e%252e",
     "/mcp/%70lain%20", "/mcp/plain%2f", "/mcp/plain;a=b", "/mcp/PLAIN", "/mcp/g/../plain", "/mcp/g/%2e%2e/plain", "/mcp%2fplain",
     "/mcp/..%5c..%5cplain", "/mcp/%c0%ae%c0%ae", "/mcp/%ff%fe", "/mcp/" + "a" * 20_000, "/mcp/" + "%61" * 5_000, "/api/servers/../status", "/MCP/plain"],
    ids=lambda path: path[:32],
)
def test_a_path_with_tricks_leads_nowhere(plain_hub, path):
    answer = wire.exchange(plain_hub.port, head(path, b"Content-Length: %d" % len(PING), b"Connection: close") + PING)
    (status,) = statuses(answer)
    body = answer.partition(b"\r\n\r\n")[2]
    assert 400 <= status < 500 or b'"error"' in body, answer
    assert b"mcp-session-id" not in answer.lower() and b"serverInfo" not in body
    still_serves(plain_hub)
