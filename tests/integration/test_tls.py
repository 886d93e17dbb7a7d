"""TLS at the hub's own port: whom it proves itself to, what goes through it, and that the protocol holds there as without it."""

import contextlib
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rig import mcp, places, processes, wire

HERE = Path(__file__).parent


@pytest.fixture
def hub(make_hub, monkeypatch):
    monkeypatch.setattr(wire, "TLS", True)
    return make_hub({"plain": places.our_server("plain.py")}, {"tls": True})


def verified(hub, name="127.0.0.1"):
    """A client that trusts the hub's certificate and nothing else."""
    context = ssl.create_default_context(cafile=str(hub.config_dir / "tls" / "cert.pem"))
    connection = http.client.HTTPSConnection("127.0.0.1", hub.port, context=context, timeout=10)
    plain = socket.create_connection(("127.0.0.1", hub.port), timeout=10)
    connection.sock = context.wrap_socket(plain, server_hostname=name)
    return connection


def fingerprint(hub):
    with wire.connect(hub.port) as connection:
        import hashlib

        digest = hashlib.sha256(connection.getpeercert(binary_form=True)).hexdigest().upper()
        return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_certificate_is_made_once_and_can_be_verified(hub, name):
    connection = verified(hub, name)
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200
    assert (hub.config_dir / "tls" / "key.pem").stat().st_mode & 0o777 == 0o600
    shown = re.search(r"tls +SHA-256 ([0-9A-F:]{95})", hub.log()).group(1)
    assert shown == fingerprint(hub)
    assert f"trust {hub.config_dir / 'tls' / 'cert.pem'}" in hub.log()
    assert f'--transport http hub https://127.0.0.1:{hub.port}/mcp' in hub.log()
    status = hub.cli("status").stdout
    assert shown in status and f"https://127.0.0.1:{hub.port}/mcp" in status
    assert hub.cli("restart").returncode == 0
    assert fingerprint(hub) == shown


def test_a_restart_that_would_find_no_certificate_leaves_the_hub_alone(hub):
    cert = hub.config_dir / "tls" / "cert.pem"
    whole = cert.read_text()
    cert.write_text("nonsense")
    result = hub.cli("restart")
    assert result.returncode == 1 and str(cert) in result.stderr and "\nThe hub goes on as it is" in result.stderr
    assert hub.answers()
    cert.write_text(whole)
    assert hub.cli("restart").returncode == 0


def test_calls_streams_and_large_bodies_go_through(hub):
    session = mcp.Session(hub, "/mcp/plain")
    assert len(mcp.text_of(session.call("blob", {"bytes": 3_000_000}))) == 3_000_000
    text = "y" * 2_000_000
    assert mcp.text_of(session.call("echo", {"text": text})) == text
    assert mcp.text_of(mcp.Modern(hub, "/mcp/plain").call("echo", {"text": "modern"})) == "modern"


def test_many_clients_at_once_get_their_own_answers(hub):
    wrong = []

    def work(mark):
        session = mcp.Session(hub, "/mcp/plain")
        for turn in range(20):
            text = f"{mark}-{turn}-" + "z" * (turn * 1000)
            if mcp.text_of(session.call("echo", {"text": text})) != text:
                wrong.append(mark)

    workers = [threading.Thread(target=work, args=(mark,)) for mark in range(20)]
    [worker.start() for worker in workers]
    [worker.join(60) for worker in workers]
    assert not wrong and not any(worker.is_alive() for worker in workers)


def test_requests_that_come_together_are_answered_in_order(hub):
    body = json.dumps(mcp.request("ping")).encode()
    one = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert wire.exchange(hub.port, one * 5 + last).count(b"HTTP/1.1 200") == 6
    assert body


def test_a_client_that_goes_away_takes_its_call_back(hub):
    session = mcp.Modern(hub, "/mcp/plain")
    stream = session.stream("tools/call", {"name": "wait", "arguments": {"ms": 20_000}}, timeout=30)
    del stream
    counts = lambda: json.loads(hub.cli("status", "--json").stdout)["calls"]
    processes.wait_for(lambda: counts()["cancelled"] == 1 and counts()["in_flight"] == 0, 10, "the call taken back")


def test_who_comes_without_tls_is_told_and_garbage_hurts_nobody(hub):
    with socket.create_connection(("127.0.0.1", hub.port), timeout=10) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        said = plain.recv(65536)
    assert said.startswith(b"HTTP/1.1 400") and b"https://" in said
    for junk in (b"\x16\x03\x01\xff\xff" + b"\0" * 64, b"\0" * 1000, os.urandom(4096)):
        with socket.create_connection(("127.0.0.1", hub.port), timeout=10) as plain:
            # The hub closes, before or after all of it has come.
            with contextlib.suppress(OSError):
                plain.sendall(junk)
                plain.shutdown(socket.SHUT_WR)
                while plain.recv(65536):
                    pass
    assert wire.http("GET", hub.port, "/health").status == 200


def test_a_key_that_others_can_read_is_refused_with_the_fix(make_hub, tmp_path, monkeypatch):
    monkeypatch.setattr(wire, "TLS", True)
    hub = make_hub({"plain": places.our_server("plain.py")}, {"tls": True})
    hub.finish()
    key = hub.config_dir / "tls" / "key.pem"
    key.chmod(0o644)
    with pytest.raises(AssertionError):
        hub.start()
    assert f"chmod 600 {key}" in hub.log()


def test_a_renewed_certificate_counts_from_a_reload_on(make_hub, tmp_path, monkeypatch):
    monkeypatch.setattr(wire, "TLS", True)

    def issue():
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=hub", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"], check=True, capture_output=True
        )
        (tmp_path / "key.pem").chmod(0o600)

    issue()
    files = {"cert": str(tmp_path / "cert.pem"), "key": str(tmp_path / "key.pem")}
    hub = make_hub({"plain": places.our_server("plain.py")}, {"tls": files})
    before = fingerprint(hub)
    issue()
    assert hub.cli("reload").returncode == 0
    after = fingerprint(hub)
    assert after != before and after in hub.cli("status").stdout
    (tmp_path / "cert.pem").write_text("no certificate")
    assert hub.cli("reload").returncode == 0
    assert fingerprint(hub) == after and "the certificate stays as it was" in hub.log()


def test_a_renewed_certificate_is_seen_without_a_word(make_hub, monkeypatch):
    monkeypatch.setattr(wire, "TLS", True)
    hub = make_hub({"plain": places.our_server("plain.py")}, {"tls": True})
    before = fingerprint(hub)
    folder = hub.config_dir / "tls"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=hub", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True
    )
    processes.wait_for(lambda: fingerprint(hub) != before, 30, "the other certificate")


@pytest.mark.timeout(120)
def test_a_handshake_that_stands_still_is_ended_at_its_time_and_delays_nobody(hub):
    context = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    hello = outgoing.read()
    before = len(processes.descriptors(hub.pid))
    still = [socket.create_connection(("127.0.0.1", hub.port), timeout=90) for _ in range(20)]
    for place, connection in enumerate(still):
        # Nothing, a part of a hello, or all of it and nothing after the answer.
        connection.sendall(hello[: (0, 7, len(hello) // 2, len(hello))[place % 4]])
    assert wire.http("GET", hub.port, "/health").status == 200
    for connection in still:
        while connection.recv(65536):
            pass
        connection.close()
    processes.wait_for(lambda: len(processes.descriptors(hub.pid)) <= before, 30, "the end of the connections")
    assert wire.http("GET", hub.port, "/health").status == 200


def test_who_does_not_read_what_tls_has_for_him_delays_nobody(hub):
    session = mcp.Session(hub, "/mcp/plain")
    before = len(processes.descriptors(hub.pid))
    deaf = [wire.connect(hub.port) for _ in range(5)]
    for number, connection in enumerate(deaf):
        blob = {"name": "blob", "arguments": {"bytes": 8_000_000}}
        body = json.dumps(mcp.request("tools/call", blob, f"deaf-{number}")).encode()
        headers = {**session.headers, "Host": "localhost", "Content-Type": "application/json", "Accept": wire.BOTH, "Content-Length": len(body)}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        connection.sendall(b"POST /mcp/plain HTTP/1.1\r\n" + head.encode() + b"\r\n" + body)
    for turn in range(20):
        assert mcp.text_of(session.call("echo", {"text": f"{turn}"})) == f"{turn}"
    for connection in deaf:
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        connection.close()
    processes.wait_for(lambda: len(processes.descriptors(hub.pid)) <= before + 1, 30, "the end of the connections that nobody read")


def test_no_other_address_is_bound_without_tls_or_an_explicit_word(make_hub):
    hub = make_hub({"plain": places.our_server("plain.py")}, {"host": "0.0.0.0"}, start=False)
    token = json.loads(hub.cli("token", "create", "laptop", "--json").stdout)["token"]
    with pytest.raises(AssertionError):
        hub.start()
    assert "allow_plain_http" in hub.log() and token not in hub.log()
    hub.process = None


@pytest.mark.timeout(300)
def test_the_protocol_holds_over_tls():
    files = ["test_handshake.py", "test_stateless.py", "test_questions.py", "test_transparent.py"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *files],
        cwd=HERE, env={**os.environ, "SLM_HUB_TEST_TLS": "1"}, capture_output=True, text=True, timeout=300,
    )
    assert run.returncode == 0, run.stdout[-6000:]
