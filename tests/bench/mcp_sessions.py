"""The smallest MCP clients that real servers accept: over the pipes of a process, and over HTTP. Handshake era."""

import http.client
import json

HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1.0.0"}}


class Session:
    """Requests with ids of their own; `exchange` is what the two transports differ in."""

    def __init__(self):
        self.last_id = 0

    def ask(self, method, params=None):
        """The result of a request; a JSON-RPC error is raised."""
        self.last_id += 1
        answer = self.exchange({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params or {}})
        if "result" not in answer:
            raise RuntimeError(f"{method} was answered with {json.dumps(answer)[:300]}")
        return answer["result"]

    def initialize(self):
        self.ask("initialize", HELLO)
        self.tell("notifications/initialized")

    def tools(self):
        """The tools of all pages."""
        found, cursor = [], None
        while True:
            page = self.ask("tools/list", {"cursor": cursor} if cursor else {})
            found += page["tools"]
            cursor = page.get("nextCursor")
            if not cursor:
                return found

    def call(self, tool, arguments):
        return self.ask("tools/call", {"name": tool, "arguments": arguments})


class PipeSession(Session):
    """A session with the server that `popen` runs."""

    def __init__(self, popen):
        super().__init__()
        self.popen = popen

    def _write(self, message):
        self.popen.stdin.write(json.dumps(message).encode() + b"\n")
        self.popen.stdin.flush()

    def exchange(self, request):
        self._write(request)
        while True:
            line = self.popen.stdout.readline()
            if not line:
                raise RuntimeError(f"{self.popen.args[-1]} closed its output")
            message = json.loads(line)
            if message.get("id") == request["id"] and "method" not in message:
                return message
            if "id" in message and "method" in message:
                self._write(
                    {"jsonrpc": "2.0", "id": message["id"], "result": {}}
                    if message["method"] == "ping"
                    else {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "not here"}}
                )

    def tell(self, method):
        self._write({"jsonrpc": "2.0", "method": method})


class HttpSession(Session):
    """A session with an endpoint on the loopback address."""

    def __init__(self, port, path, timeout=120):
        super().__init__()
        self.path = path
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}

    def _post(self, message):
        self.connection.request("POST", self.path, json.dumps(message), self.headers)
        response = self.connection.getresponse()
        body = response.read()
        if response.getheader("Mcp-Session-Id"):
            self.headers["Mcp-Session-Id"] = response.getheader("Mcp-Session-Id")
            self.headers["MCP-Protocol-Version"] = HELLO["protocolVersion"]
        return response, body

    def exchange(self, request):
        response, body = self._post(request)
        if (response.getheader("Content-Type") or "").startswith("text/event-stream"):
            events = [
                json.loads(line[5:])
                for line in body.decode().splitlines()
                if line.startswith("data:") and line[5:].strip()
            ]
            return next(e for e in events if e.get("id") == request["id"] and "method" not in e)
        if not body:
            raise RuntimeError(f"{request['method']} was answered with {response.status} and nothing else")
        return json.loads(body)

    def tell(self, method):
        self._post({"jsonrpc": "2.0", "method": method})
