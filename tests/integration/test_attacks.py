"""Attacks from outside: a web page, a name that was rebound, smuggled headers, guessed sessions, paths with tricks, and clients that
hold on. Each gets a refusal, and nobody else notices."""

import json
import os
import re
import socket
import subprocess
import threading
import uuid

import pytest

from rig import mcp, places, processes, wire

EVIL = "evil.example"
CALL = {"name": "echo", "arguments": {"text": "taken"}}
DOORS = ["/mcp", "/mcp/plain", "/mcp/fresh"]


def still_serves(hub, path="/mcp/plain"):
    assert mcp.text_of(mcp.Session(hub, path).call("echo", {"text": "well"})) == "well"


def head(path="/mcp", *lines: bytes, method=b"POST") -> bytes:
    """The start of a raw request with the usual headers and `lines`."""
    usual = [b"Host: localhost", b"Content-Type: application/json", b"Accept: " + wire.BOTH.encode()]
    return b"\r\n".join([method + b" " + path.encode() + b" HTTP/1.1", *usual, *lines]) + b"\r\n\r\n"


def statuses(answer: bytes) -> list[int]:
    """The status of each reply in raw bytes."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) [A-Z]", answer)]


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


# Logs and terminals: what foreigners say stays one printable line.

NASTY = "x\n2026-01-01 fake line \x1b[31mred\x1b]0;title\x07\r\x00\u202e\u2028\x9b31m end"


def printable_lines(text: str) -> list[str]:
    """The lines; fails if one holds what steers a terminal."""
    for line in text.split("\n"):
        bad = [c for c in line if ord(c) < 32 and c != "\t" or 0x7F <= ord(c) < 0xA0]
        assert not bad, f"{bad} in {line!r}"
        assert "\u202e" not in line and "\u2028" not in line, line
    return text.split("\n")


@pytest.fixture(scope="module")
def nasty_hub(tmp_path_factory):
    from conftest import finish
    from rig.hub import Hub

    servers = {"nasty": places.our_server("nasty.py"), "broken": places.our_server("nasty.py", "--die"), "plain": places.our_server("plain.py")}
    hub = Hub(tmp_path_factory.mktemp("nasty"), servers, {"log_level": "debug"}).start()
    reply = wire.post(hub.port, mcp.request("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": NASTY, "version": NASTY, "title": NASTY}}, 0), "/mcp/nasty")
    assert reply.status == 200
    hub.nasty_headers = {"Mcp-Session-Id": reply.headers["mcp-session-id"], "MCP-Protocol-Version": "2025-11-25"}
    for name in ("shout", NASTY, "fail", "crash"):
        wire.post(hub.port, mcp.request("tools/call", {"name": name, "arguments": {}}), "/mcp/nasty", hub.nasty_headers)
    wire.post(hub.port, mcp.request("tools/call", {"name": "x"}), "/mcp/broken", hub.nasty_headers)
    mcp.Session(hub).call("hub__call_tool", {"tool": "broken__x"})
    wire.post(hub.port, mcp.request(NASTY), "/mcp/nasty", hub.nasty_headers)
    wire.post(hub.port, mcp.initialize(), "/mcp/no%0asuch%1b[31mserver")
    yield hub
    finish(hub)


def test_the_log_stays_one_printable_line_each(nasty_hub):
    lines = printable_lines(nasty_hub.log())
    assert not [line for line in lines if line.startswith("2026-01-01 fake")]
    for file in nasty_hub.config_dir.glob("logs/hub*"):
        assert not [line for line in printable_lines(file.read_text(errors="replace")) if line.startswith("2026-01-01 fake")]


def shown(hub, *words: str, piped: str | None = None) -> str:
    """What `slm-hub WORDS` writes to a terminal; with `piped`, only its stdout or stderr is one."""
    leader, follower = os.openpty()
    streams = {name: subprocess.DEVNULL if name == piped else follower for name in ("stdout", "stderr")}
    environment = {**hub.env, "NO_COLOR": "1", "TERM": "dumb"}
    process = subprocess.Popen([places.hub_cli(), *words], env=environment, stdin=subprocess.DEVNULL, **streams)
    os.close(follower)
    said = b""
    try:
        while chunk := os.read(leader, 65536):
            said += chunk
    except OSError:
        # So a terminal says that nobody holds it any more.
        pass
    os.close(leader)
    process.wait(30)
    return said.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("piped", [None, "stdout"], ids=["all", "stderr alone"])
@pytest.mark.parametrize(
    "words", ["status", "servers", "servers --verbose", "tools", "tools nasty", "search shout", "logs nasty", "logs broken", "call nasty__fail", "call nasty__shout", "call broken__x", "call no\x1b[31msuch", "restart no\x1b[31msuch"]
)
def test_what_a_terminal_shows_is_printable(nasty_hub, words, piped):
    lines = printable_lines(shown(nasty_hub, *words.split(" "), piped=piped))
    assert piped or any(lines)


# Oversized everything.


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


@pytest.mark.timeout(200)
def test_a_client_that_does_not_read_its_answers_delays_nobody(make_hub):
    hub = make_hub({"plain": places.our_server("plain.py")})
    session = mcp.Session(hub, "/mcp/plain")
    body = json.dumps(mcp.request("tools/call", {"name": "blob", "arguments": {"bytes": 8_000_000}})).encode()
    lines = [f"{name}: {value}".encode() for name, value in session.headers.items()]
    raw = head("/mcp/plain", *lines, b"Content-Length: %d" % len(body)) + body
    deaf = [socket.create_connection(("127.0.0.1", hub.port), timeout=30) for _ in range(5)]
    try:
        for connection in deaf:
            connection.sendall(raw)
        for _ in range(20):
            still_serves(hub)
        # Its answer waits in the hub for a minute, and then no more.
        processes.wait_for(lambda: not any(is_open(connection) for connection in deaf), 120, "the end of the connections that nobody reads")
    finally:
        for connection in deaf:
            connection.close()
    still_serves(hub)


def is_open(connection: socket.socket) -> bool:
    """Whether the hub's side of a connection is there still, by the kernel's table: a read would take what is not to be read."""
    local = f":{connection.getsockname()[1]:04X}"
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table]
    return any(row[2].endswith(local) and row[3] == "01" for row in rows[1:])


def test_the_end_of_connections_that_are_too_many_is_told(make_hub):
    hub = make_hub({"plain": places.our_server("plain.py")}, {"max_connections": 20})
    session = mcp.Session(hub, "/mcp/plain")
    crowd = [socket.create_connection(("127.0.0.1", hub.port), timeout=30) for _ in range(20)]
    try:
        answer = wire.exchange(hub.port, head("/mcp", b"Content-Length: 0"))
        assert not answer or statuses(answer) == [503]
    finally:
        [connection.close() for connection in crowd]
    processes.wait_for(lambda: reaches(hub), 30, "room for a connection")
    assert mcp.text_of(session.call("echo", {"text": "room"})) == "room"


def reaches(hub) -> bool:
    try:
        return wire.http("GET", hub.port, "/api/health").status == 200
    except OSError:
        return False


# Files of the user.


def test_a_configuration_that_is_a_link_is_read_and_stays_one(make_hub, tmp_path):
    hub = make_hub({"plain": places.our_server("plain.py")}, start=False)
    file = hub.config_dir / "config.json"
    kept = tmp_path / "dotfiles.json"
    file.rename(kept)
    file.symlink_to(kept)
    hub.start()
    still_serves(hub)
    assert hub.cli("disable", "plain").returncode == 0
    assert file.is_symlink() and os.readlink(file) == str(kept)
    assert json.loads(kept.read_text())["mcpServers"]["plain"].get("enabled", True) is False or json.loads(kept.read_text())["mcpServers"]["plain"].get("disabled") is True


def test_a_link_in_place_of_a_file_of_the_hub_overwrites_nothing(make_hub, tmp_path):
    hub = make_hub({"plain": places.our_server("plain.py")}, start=False)
    precious = tmp_path / "precious"
    precious.write_text("precious")
    precious.chmod(0o644)
    for name in ("hub.db-wal", "hub.sock"):
        (hub.config_dir / name).symlink_to(precious)
    run = subprocess.Popen(places.hub_command(), env=hub.env, cwd=hub.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    hub.process = run
    try:
        processes.wait_for(lambda: run.poll() is not None or reaches(hub), 30, "the hub serving or refusing")
    finally:
        hub.expects_clean_exit = False
        run.terminate()
        run.wait(30)
    assert precious.read_text() == "precious" and precious.stat().st_mode & 0o777 == 0o644


def test_secrets_that_others_can_read_are_told(make_hub):
    entry = {**places.our_server("plain.py"), "env": {"TOKEN": "${SECRET_ONE}"}}
    hub = make_hub({"plain": entry}, start=False)
    secrets = hub.config_dir / "secrets.env"
    secrets.write_text("SECRET_ONE=s3cr3t-one\n")
    secrets.chmod(0o644)
    hub.start()
    try:
        still_serves(hub)
    except (mcp.RpcError, AssertionError) as refused:
        assert "chmod" in f"{refused} {getattr(refused, 'data', '')}"
    said = hub.log() + "".join(file.read_text() for file in hub.config_dir.glob("logs/hub*"))
    assert "secrets.env" in said and "600" in said
    assert "s3cr3t-one" not in said
