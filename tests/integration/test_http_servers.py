"""Servers over HTTP: both eras, answers as JSON and as event streams, redirects, proxies, TLS, and servers that go and come back."""

import contextlib
import json
import socket
import subprocess
import threading
import time

import pytest

from rig import http_servers, mcp, processes
from rig.mcp import text_of


@pytest.fixture
def serve(tmp_path):
    """Starts servers that end with the test: `serve("--events")`."""
    servers = []

    def start(*arguments: str, **more) -> http_servers.HttpServer:
        servers.append(http_servers.ours(tmp_path, *arguments, **more).start())
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def serve_everything(tmp_path):
    servers = []

    def start(kind: str) -> http_servers.HttpServer:
        servers.append(http_servers.everything(tmp_path, kind).start())
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def session(hub, name="one") -> mcp.Session:
    return mcp.Session(hub, f"/mcp/{name}")


def status_of(hub, name="one") -> dict:
    rows = json.loads(hub.cli("status", "--json").stdout)["servers"]
    return next(row for row in rows if row["name"] == name)


def serves(hub, name="one") -> bool:
    """Whether a call succeeds; after a crash the hub pauses for a while."""
    try:
        return text_of(session(hub, name).call("echo", {"text": "well"})) == "well"
    except mcp.RpcError:
        return False


def failure_of(hub, name="one") -> str:
    """What a call that cannot be made is told."""
    with pytest.raises(mcp.RpcError) as caught:
        session(hub, name).call("echo", {"text": "x"})
    return f"{caught.value.message} {caught.value.data}"


@pytest.mark.parametrize("kind,type", [("streamableHttp", "streamable-http"), ("streamableHttp", None), ("sse", "sse"), ("sse", None)])
def test_the_reference_server_serves_with_progress(make_hub, serve_everything, kind, type):
    server = serve_everything(kind)
    hub = make_hub({"one": {"url": server.url, **({"type": type} if type else {})}})
    client = session(hub)
    assert text_of(client.call("echo", {"message": "real"})) == "Echo: real"
    params = {"name": "trigger-long-running-operation", "arguments": {"duration": 0.4, "steps": 4}, "_meta": {"progressToken": "p"}}
    messages = list(client.stream("tools/call", params))
    assert [m["params"]["progressToken"] for m in messages[:-1]] == ["p"] * len(messages[:-1])
    assert len(messages) >= 4 and "completed" in text_of(messages[-1]["result"])
    # What is spoken, and not what was thought.
    row = json.loads(hub.cli("servers", "--json").stdout)["servers"][0]
    assert row["transport"] == ("sse" if kind == "sse" else "streamable_http")


@pytest.mark.parametrize("flags", [[], ["--events"], ["--redirect"], ["--stateless"], ["--stateless", "--events"]], ids=" ".join)
def test_both_eras_reach_it(make_hub, serve, flags):
    hub = make_hub({"one": {"url": serve(*flags).url}})
    assert text_of(session(hub).call("echo", {"text": "old"})) == "old"
    assert text_of(mcp.Modern(hub, "/mcp/one").call("echo", {"text": "new"})) == "new"
    found = mcp.Session(hub).call("hub__call_tool", {"tool": "one__echo", "arguments": {"text": "through"}})
    assert text_of(found) == "through"


def test_progress_comes_before_the_answer_and_a_polled_answer_is_fetched(make_hub, serve):
    hub = make_hub({"one": {"url": serve().url}})
    client = session(hub)
    messages = list(client.stream("tools/call", {"name": "progress", "_meta": {"progressToken": 7}}))
    assert [m.get("params", {}).get("progress") for m in messages] == [0, 1, 2, None]
    assert text_of(client.call("polled")) == "polled"


def test_what_breaks_is_told_and_the_next_call_works(make_hub, serve):
    hub = make_hub({"one": {"url": serve().url}})
    client = session(hub)
    for way, word in (("cut", "ended in the middle"), ("garbage", "not to the request")):
        with pytest.raises(mcp.RpcError) as caught:
            client.call(way)
        assert word in f"{caught.value.message} {caught.value.data}" or "stream" in caught.value.message
        assert text_of(client.call("echo", {"text": way})) == way


def test_headers_with_secrets_are_sent_and_shown_nowhere(make_hub, serve):
    server = serve("--token", "s3cret")
    hub = make_hub({"one": {"url": server.url, "headers": {"Authorization": "Bearer ${MY_TOKEN}", "X-Team": "blue"}}}, env={"MY_TOKEN": "s3cret"})
    client = session(hub)
    assert text_of(client.call("header", {"name": "X-Team"})) == "blue"
    shown = hub.log() + hub.cli("status", "--json").stdout + hub.cli("config", "show").stdout + hub.cli("logs", "one").stdout
    assert "s3cret" not in shown


def test_a_server_that_wants_a_login_says_what_to_do(make_hub, serve):
    hub = make_hub({"one": {"url": serve("--token", "s3cret").url}})
    assert "wants a login" in failure_of(hub)
    row = status_of(hub)
    assert row["state"] == "failed"


def test_a_server_that_is_not_there_is_told_with_its_place(make_hub):
    port = http_servers.free_port()
    hub = make_hub({"one": {"url": f"http://127.0.0.1:{port}/mcp"}})
    assert f"refused the connection at 127.0.0.1:{port}" in failure_of(hub)


def test_a_restarted_server_is_met_again_with_a_new_session(make_hub, serve):
    server = serve()
    hub = make_hub({"one": {"url": server.url}})
    client = session(hub)
    assert text_of(client.call("echo", {"text": "before"})) == "before"
    server.stop()
    server.start()
    # The client's own session goes on, whatever became of the hub's.
    assert text_of(client.call("echo", {"text": "after"})) == "after"


def test_a_server_that_goes_is_noticed_and_used_again_when_it_comes_back(make_hub, serve):
    server = serve()
    hub = make_hub({"one": {"url": server.url}})
    client = session(hub)
    assert text_of(client.call("echo", {"text": "before"})) == "before"
    server.stop()
    with pytest.raises(mcp.RpcError):
        client.call("echo", {"text": "gone"})
    server.start()
    processes.wait_for(lambda: serves(hub), 15, "the server being used again")


def test_a_slow_server_holds_nobody_up(make_hub, serve):
    slow = serve()
    hub = make_hub({"one": {"url": slow.url}, "two": {"url": serve().url}})
    client = session(hub)
    other = session(hub, "two")

    def sleep():
        with contextlib.suppress(mcp.RpcError):
            session(hub).call("sleep", {"seconds": 600}, timeout=90)

    sleepers = [threading.Thread(target=sleep, daemon=True) for _ in range(8)]
    for thread in sleepers:
        thread.start()
    processes.wait_for(lambda: json.loads(hub.cli("status", "--json").stdout)["calls"]["in_flight"] == 8, 30, "the slow calls in flight")
    for _ in range(20):
        assert text_of(client.call("echo", {"text": "same server"})) == "same server"
        assert text_of(other.call("echo", {"text": "other"})) == "other"
    assert all(thread.is_alive() for thread in sleepers)
    slow.stop()
    for thread in sleepers:
        thread.join(30)


def test_every_client_gets_its_own_answers_while_the_server_is_killed_and_started(make_hub, serve):
    servers = {"one": serve(), "events": serve("--events"), "new": serve("--stateless")}
    hub = make_hub({name: {"url": server.url} for name, server in servers.items()})
    for name in servers:
        session(hub, name).call("echo", {"text": "warm"})
    astray, answered, failed = [], [], []
    until = time.monotonic() + 6

    def work(number: int):
        name = list(servers)[number % 3]
        client = session(hub, name) if number % 2 else mcp.Modern(hub, f"/mcp/{name}")
        count = 0
        while time.monotonic() < until:
            mark = f"{number}-{count}"
            count += 1
            try:
                said = text_of(client.call("echo", {"text": mark}))
                (answered if said == mark else astray).append((mark, said))
            except mcp.RpcError as error:
                failed.append((mark, error.message))
                time.sleep(0.05)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(30)]
    for worker in workers:
        worker.start()
    for _ in range(3):
        time.sleep(1)
        for server in servers.values():
            server.stop()
            server.start()
    for worker in workers:
        worker.join(30)
        assert not worker.is_alive(), "a call was never answered"
    print(f"{len(answered)} answered, {len(failed)} failed: {set(text for _, text in failed)}")
    assert not astray
    assert len(answered) > 300
    for name in servers:
        processes.wait_for(lambda: serves(hub, name), 30, f"{name} serving again")


# -- proxies and TLS ----------------------------------------------------------


class Proxy:
    """A proxy that knows CONNECT and whole URLs, and notes what it was asked for."""

    def __init__(self, to_port: int):
        self.to_port = to_port
        self.asked = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client: socket.socket):
        head = b""
        while b"\r\n\r\n" not in head:
            data = client.recv(65536)
            if not data:
                return
            head += data
        self.asked.append(head.split(b"\r\n")[0].decode())
        server = socket.create_connection(("127.0.0.1", self.to_port))
        if head.startswith(b"CONNECT"):
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            server.sendall(head)
        threading.Thread(target=self.pass_on, args=(server, client), daemon=True).start()
        self.pass_on(client, server)

    def pass_on(self, source: socket.socket, target: socket.socket):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate authority of its own, with a server certificate for example.test and 127.0.0.1, and a client certificate."""
    folder = tmp_path_factory.mktemp("authority")

    def openssl(*arguments: str):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test CA")
    for name, extra in (("server", "subjectAltName=DNS:example.test,IP:127.0.0.1"), ("client", "extendedKeyUsage=clientAuth")):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / "extra").write_text(extra)
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", f"{name}.crt", "-days", "2", "-extfile", "extra")
        (folder / f"{name}.pem").write_text((folder / f"{name}.crt").read_text() + (folder / f"{name}.key").read_text())
    return folder


def test_a_proxy_of_the_environment_is_taken_for_names_and_not_for_loopback(make_hub, serve):
    server = serve()
    proxy = Proxy(server.port)
    env = {"HTTP_PROXY": f"http://127.0.0.1:{proxy.port}", "NO_PROXY": "", "no_proxy": ""}
    hub = make_hub({"one": {"url": "http://example.test/mcp"}, "near": {"url": server.url}}, env=env)
    assert text_of(session(hub).call("echo", {"text": "by proxy"})) == "by proxy"
    assert proxy.asked[0] == "POST http://example.test/mcp HTTP/1.1"
    seen = len(proxy.asked)
    assert text_of(session(hub, "near").call("echo", {"text": "direct"})) == "direct"
    assert len(proxy.asked) == seen


def test_tls_with_an_authority_of_ones_own_through_a_proxy(make_hub, serve, authority):
    server = serve("--cert", str(authority / "server.pem"))
    proxy = Proxy(server.port)
    entry = {"url": "https://example.test/mcp", "tls": {"ca": str(authority / "ca.pem")}, "proxy": f"http://127.0.0.1:{proxy.port}"}
    hub = make_hub({"one": entry})
    assert text_of(session(hub).call("echo", {"text": "sealed"})) == "sealed"
    assert proxy.asked[0] == "CONNECT example.test:443 HTTP/1.1"


def test_a_certificate_is_checked_against_authorities_and_name(make_hub, serve, authority):
    server = serve("--cert", str(authority / "server.pem"))
    url = f"https://127.0.0.1:{server.port}/mcp"
    ca = {"ca": str(authority / "ca.pem")}
    servers = {
        "good": {"url": url, "tls": ca},
        "unknown": {"url": url},
        "name": {"url": f"https://localhost:{server.port}/mcp", "tls": ca},
        "blind": {"url": f"https://localhost:{server.port}/mcp", "tls": {"verify": False}},
        "plain": {"url": f"http://127.0.0.1:{server.port}/mcp"},
        "file": {"url": url, "tls": {"ca": "/nonexistent/ca.pem"}},
    }
    hub = make_hub(servers)
    for name in ("good", "blind"):
        assert text_of(session(hub, name).call("echo", {"text": name})) == name
    assert "certificate that is not trusted" in failure_of(hub, "unknown")
    assert "certificate that is not for localhost" in failure_of(hub, "name")
    assert "tls.ca" in failure_of(hub, "file")
    failure_of(hub, "plain")


def test_a_server_that_does_not_speak_tls_is_told_apart(make_hub, serve):
    server = serve()
    hub = make_hub({"one": {"url": f"https://127.0.0.1:{server.port}/mcp"}})
    assert "does not speak TLS" in failure_of(hub)


def test_a_client_certificate_is_shown_where_it_is_wanted(make_hub, serve, authority):
    server = serve("--cert", str(authority / "server.pem"), "--client-ca", str(authority / "ca.pem"))
    url = f"https://127.0.0.1:{server.port}/mcp"
    ours = {"ca": str(authority / "ca.pem"), "cert": str(authority / "client.crt"), "key": str(authority / "client.key")}
    hub = make_hub({"one": {"url": url, "tls": ours}, "without": {"url": url, "tls": {"ca": ours["ca"]}}})
    assert text_of(session(hub).call("echo", {"text": "known"})) == "known"
    assert "refused the hub's certificate" in failure_of(hub, "without")
