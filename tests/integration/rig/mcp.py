"""MCP over raw HTTP: a session of the handshake era, and requests of the stateless era."""

import itertools
import json

from rig import wire

HANDSHAKE_VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
MODERN = "2026-07-28"
META = "io.modelcontextprotocol/"


class RpcError(Exception):
    """A JSON-RPC error answer."""

    def __init__(self, error: dict):
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code = error.get("code")
        self.message = error.get("message")
        self.data = error.get("data")


def answer_of(message: dict):
    if "error" in message:
        raise RpcError(message["error"])
    return message["result"]


def request(method: str, params: dict | None = None, id=1) -> dict:
    message = {"jsonrpc": "2.0", "id": id, "method": method}
    return message if params is None else {**message, "params": params}


def initialize(version="2025-11-25", capabilities: dict | None = None, id=0, name="rig") -> dict:
    info = {"name": name, "version": "1"}
    params = {"protocolVersion": version, "capabilities": capabilities or {}, "clientInfo": info}
    return request("initialize", params, id)


class Session:
    """A client of the handshake era: initializes at once, repeats the session id and the version."""

    def __init__(self, hub, path="/mcp", version="2025-11-25", capabilities: dict | None = None, extra: dict | None = None, name="rig"):
        self.port = hub.port
        self.path = path
        self.extra = extra or {}
        self.ids = itertools.count(1)
        reply = wire.post(self.port, initialize(version, capabilities, name=name), path, self.extra)
        assert reply.status == 200, f"initialize: HTTP {reply.status} {reply.body[:500]!r}"
        self.hello = answer_of(reply.message)
        self.version = self.hello["protocolVersion"]
        self.id = reply.headers.get("mcp-session-id")
        assert self.notify("notifications/initialized").status == 202

    @property
    def headers(self) -> dict:
        found = {"MCP-Protocol-Version": self.version, **self.extra}
        return {**found, "Mcp-Session-Id": self.id} if self.id else found

    def post(self, message, headers: dict | None = None, timeout=30) -> wire.Reply:
        return wire.post(self.port, message, self.path, {**self.headers, **(headers or {})}, timeout)

    def notify(self, method: str, params: dict | None = None) -> wire.Reply:
        message = {"jsonrpc": "2.0", "method": method}
        return self.post(message if params is None else {**message, "params": params})

    def ask(self, method: str, params: dict | None = None, timeout=30):
        """The result of a request; raises RpcError for an error answer."""
        return answer_of(self.post(request(method, params, next(self.ids)), timeout=timeout).message)

    def call(self, tool: str, arguments: dict | None = None, timeout=30) -> dict:
        return self.ask("tools/call", {"name": tool, "arguments": arguments or {}}, timeout)

    def stream(self, method: str, params: dict | None = None, id=None, timeout=30) -> wire.Stream:
        message = request(method, params, id if id is not None else next(self.ids))
        return wire.Stream(self.port, message, self.path, self.headers, timeout)

    def end(self) -> wire.Reply:
        return wire.http("DELETE", self.port, self.path, headers=self.headers)


def modern_params(params: dict | None = None, capabilities: dict | None = None, **meta) -> dict:
    """Params with the `_meta` keys that each modern request carries."""
    envelope = {
        META + "protocolVersion": MODERN,
        META + "clientCapabilities": capabilities or {},
        META + "clientInfo": {"name": "rig", "version": "1"},
        **meta,
    }
    return {**(params or {}), "_meta": {**envelope, **(params or {}).get("_meta", {})}}


def modern_headers(method: str, params: dict) -> dict:
    """The headers that mirror a modern request."""
    headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": method}
    name = params.get("uri") if method == "resources/read" else params.get("name")
    return {**headers, "Mcp-Name": name} if name is not None and method != "completion/complete" else headers


class Modern:
    """A client of the stateless era."""

    def __init__(self, hub, path="/mcp", capabilities: dict | None = None, extra: dict | None = None):
        self.port = hub.port
        self.extra = extra or {}
        self.path = path
        self.capabilities = capabilities
        self.ids = itertools.count(1)

    def post(self, method: str, params: dict | None = None, headers: dict | None = None, id=None, timeout=30):
        """The whole reply; `headers` override, None leaves one out."""
        full = modern_params(params, self.capabilities)
        message = request(method, full, id if id is not None else next(self.ids))
        return wire.post(self.port, message, self.path, {**modern_headers(method, full), **self.extra, **(headers or {})}, timeout)

    def ask(self, method: str, params: dict | None = None, timeout=30):
        return answer_of(self.post(method, params, timeout=timeout).message)

    def call(self, tool: str, arguments: dict | None = None, timeout=30) -> dict:
        return self.ask("tools/call", {"name": tool, "arguments": arguments or {}}, timeout)

    def stream(self, method: str, params: dict | None = None, timeout=30) -> wire.Stream:
        full = modern_params(params, self.capabilities)
        message = request(method, full, next(self.ids))
        return wire.Stream(self.port, message, self.path, {**modern_headers(method, full), **self.extra}, timeout)


def text_of(result: dict) -> str:
    """The text of the first content block of a tool result."""
    return result["content"][0]["text"]


def payload_of(result: dict):
    """The JSON that a meta-tool puts into its text."""
    return json.loads(text_of(result))
