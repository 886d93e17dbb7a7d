"""What hostile clients send by hand, and how to see that nobody else was hurt."""

import re

from rig import mcp, wire


def still_serves(hub, path="/mcp/plain"):
    assert mcp.text_of(mcp.Session(hub, path).call("echo", {"text": "well"})) == "well"


def head(path="/mcp", *lines: bytes, method=b"POST") -> bytes:
    """The start of a raw request with the usual headers and `lines`."""
    usual = [b"Host: localhost", b"Content-Type: application/json", b"Accept: " + wire.BOTH.encode()]
    return b"\r\n".join([method + b" " + path.encode() + b" HTTP/1.1", *usual, *lines]) + b"\r\n\r\n"


def statuses(answer: bytes) -> list[int]:
    """The status of each reply in raw bytes."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) [A-Z]", answer)]


def serves_health(hub) -> bool:
    """Whether the hub answers a new connection."""
    try:
        return wire.http("GET", hub.port, "/api/health").status == 200
    except OSError:
        return False
