"""HTTP by hand: whole replies, raw bytes, and event streams, without a client library that would hide what the hub does."""

import contextlib
import functools
import json
import os
import socket
import ssl
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection

BOTH = "application/json, text/event-stream"


@dataclass
class Reply:
    """An HTTP reply, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes
    messages: list = field(default_factory=list)

    @property
    def type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip()

    @property
    def message(self):
        """The last JSON-RPC message: the body, or the last event of the stream."""
        assert self.messages, f"no message in HTTP {self.status} {self.type}: {self.body[:300]!r}"
        return self.messages[-1]

    @property
    def result(self):
        assert "result" in self.message, f"no result: {self.message}"
        return self.message["result"]

    @property
    def error(self):
        assert "error" in self.message, f"no error: {self.message}"
        return self.message["error"]


def events(body: bytes) -> list:
    """The JSON messages of an event stream."""
    found = []
    for block in body.decode().replace("\r\n", "\n").split("\n\n"):
        data = "\n".join(line[5:].lstrip(" ") for line in block.split("\n") if line.startswith("data:"))
        if data:
            found.append(json.loads(data))
    return found


def http(method: str, port: int, path: str, body: bytes | None = None, headers: dict | None = None, timeout=30) -> Reply:
    """One request on a connection of its own."""
    connection = http_client(port, timeout)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        return read_reply(connection.getresponse())
    finally:
        connection.close()


# Whether every hub speaks TLS in this run: the tests of the protocol hold there, too (test_tls.py).
TLS = bool(os.environ.get("SLM_HUB_TEST_TLS"))


@functools.cache
def trusting() -> ssl.SSLContext:
    """A context that takes any certificate: who checks certificates is another test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def http_client(port: int, timeout=30) -> HTTPConnection:
    if TLS:
        return HTTPSConnection("127.0.0.1", port, timeout=timeout, context=trusting())
    return HTTPConnection("127.0.0.1", port, timeout=timeout)


def connect(port: int, timeout=10.0) -> socket.socket:
    """A connection to send bytes by hand on."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=timeout)
    return trusting().wrap_socket(plain) if TLS else plain


def read_reply(response: HTTPResponse) -> Reply:
    body = response.read()
    reply = Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, body)
    if reply.type == "text/event-stream":
        reply.messages = events(body)
    elif reply.type == "application/json" and body:
        parsed = json.loads(body)
        reply.messages = parsed if isinstance(parsed, list) else [parsed]
    return reply


def post(port: int, message, path="/mcp", headers: dict | None = None, timeout=30) -> Reply:
    """Posts a message (or raw bytes) with the usual headers; a header of value None is left out."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    merged = {"Content-Type": "application/json", "Accept": BOTH, **(headers or {})}
    return http("POST", port, path, body, {k: v for k, v in merged.items() if v is not None}, timeout)


class Stream:
    """A reply that is read message by message while it is still coming: that of a POST, or by `get` of a GET."""

    def __init__(self, port: int, message, path="/mcp", headers: dict | None = None, timeout=30, method="POST"):
        self.connection = http_client(port, timeout)
        merged = {"Content-Type": "application/json", "Accept": BOTH, **(headers or {})}
        body = json.dumps(message) if method == "POST" else None
        self.connection.request(method, path, body, {k: v for k, v in merged.items() if v is not None})
        # The connection forgets its socket when the reply ends with it.
        self.socket = self.connection.sock
        self.response = self.connection.getresponse()
        self.status = self.response.status

    @classmethod
    def get(cls, port: int, path: str, headers: dict, timeout=30) -> "Stream":
        """The event stream that a GET opens."""
        return cls(port, None, path, {"Content-Type": None, "Accept": "text/event-stream", **headers}, timeout, "GET")

    def __iter__(self):
        if self.response.headers.get_content_type() != "text/event-stream":
            body = self.response.read()
            if body:
                yield json.loads(body)
            return
        data = []
        for raw in self.response:
            line = raw.decode().rstrip("\r\n")
            if line.startswith("data:"):
                data.append(line[5:].lstrip(" "))
            elif not line and data:
                text, data = "\n".join(data), []
                if text:
                    yield json.loads(text)

    def close(self):
        """Ends the connection; a thread that reads it is told at once, where closing alone would wait for it."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.connection.close()


def exchange(port: int, raw: bytes, timeout=10.0) -> bytes:
    """Sends raw bytes and returns what comes back until the hub closes or `timeout` seconds pass in silence."""
    with connect(port, timeout) as connection:
        connection.settimeout(timeout)
        try:
            connection.sendall(raw)
        except (BrokenPipeError, ConnectionResetError):
            pass
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except (TimeoutError, ConnectionResetError):
            pass
        return received
