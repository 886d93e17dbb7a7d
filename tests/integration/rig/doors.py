"""Clients of each kind of door, all used alike: over streamable HTTP, over HTTP+SSE, and over stdio by `slm-hub connect`."""

import contextlib
import itertools
import json
import queue
import subprocess
import threading

from rig import mcp, places, processes, wire


def methods(messages) -> list:
    return [m.get("method") for m in messages]


class OverHttp:
    """A client of streamable HTTP of either era. `path` is the address of the door."""

    def __init__(self, hub, path: str, version: str, capabilities: dict):
        self.modern = version == mcp.MODERN
        self.peer = mcp.Modern(hub, path, capabilities) if self.modern else mcp.Session(hub, path, version, capabilities)
        assert self.modern or self.peer.version == version
        self.ask, self.stream, self.port, self.path = self.peer.ask, self.peer.stream, self.peer.port, path

    def reply(self, message):
        """Answers a question of the server."""
        assert self.peer.post(message).status == 202

    def begin(self, method: str, params: dict):
        """Sends a request whose answer nobody waits for; returns what takes it back."""
        connection = mcp.wire.http_client(self.port)
        headers = {"Content-Type": "application/json", "Accept": wire.BOTH}
        if self.modern:
            params = mcp.modern_params(params, self.peer.capabilities)
            headers |= mcp.modern_headers(method, params)
        else:
            headers |= self.peer.headers
        connection.request("POST", self.path, json.dumps(mcp.request(method, params, 900)), headers)

        def take_back():
            # In the stateless era the end of the connection says it.
            if not self.modern:
                self.peer.notify("notifications/cancelled", {"requestId": 900, "reason": "enough"})
            connection.close()

        return take_back

    @contextlib.contextmanager
    def changes(self, **wanted):
        """A list that fills with the notifications that come by themselves."""
        heard = []
        if self.modern:
            stream = self.peer.stream("subscriptions/listen", {"notifications": wanted})
        else:
            stream = wire.Stream.get(self.port, self.path, self.peer.headers)
            assert stream.status == 200
        reader = threading.Thread(target=read_into, args=(stream, heard), daemon=True)
        reader.start()
        if self.modern:
            processes.wait_for(lambda: heard, 30, "the acknowledgement")
        yield heard
        stream.close()
        reader.join(30)

    def close(self):
        if not self.modern:
            self.peer.end()


def read_into(stream, heard):
    with contextlib.suppress(OSError, ValueError, AttributeError):
        for message in stream:
            heard.append(message)


class OneLine:
    """A client to which all messages come on one line, whatever they are about. A subclass has `send` and feeds `arrived`."""

    def __init__(self, version: str, capabilities: dict):
        self.modern = version == mcp.MODERN
        self.capabilities = capabilities
        self.ids = itertools.count(1)
        self.heard = []
        self.waiting = queue.SimpleQueue()

    def arrived(self, message: dict):
        self.heard.append(message)
        self.waiting.put(message)

    def open(self, version: str):
        if self.modern:
            return
        self.send(mcp.initialize(version, self.capabilities, 0))
        hello = mcp.answer_of(list(self.until(0))[-1])
        assert hello["protocolVersion"] == version
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def request(self, method: str, params: dict | None) -> int:
        number = next(self.ids)
        self.send(mcp.request(method, mcp.modern_params(params, self.capabilities) if self.modern else params, number))
        return number

    def until(self, number: int):
        """All messages up to the answer to a request."""
        while True:
            message = self.waiting.get(timeout=60)
            yield message
            if "method" not in message and message.get("id") == number:
                return

    def stream(self, method: str, params: dict | None = None):
        return self.until(self.request(method, params))

    def ask(self, method: str, params: dict | None = None):
        return mcp.answer_of(list(self.stream(method, params))[-1])

    def reply(self, message):
        self.send(message)

    def begin(self, method: str, params: dict):
        number = self.request(method, params)
        return lambda: self.take_back(number)

    def take_back(self, number: int):
        params = {"requestId": number, "reason": "enough"}
        self.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": mcp.modern_params(params) if self.modern else params})

    @contextlib.contextmanager
    def changes(self, **wanted):
        if self.modern:
            number = self.request("subscriptions/listen", {"notifications": wanted})
            acknowledged = "notifications/subscriptions/acknowledged"
            processes.wait_for(lambda: acknowledged in methods(self.heard), 30, "the acknowledgement")
        yield self.heard
        if self.modern:
            self.take_back(number)


class OverStdio(OneLine):
    """A client of `slm-hub connect --server NAME`."""

    def __init__(self, hub, path: str, version: str, capabilities: dict):
        super().__init__(version, capabilities)
        self.process = subprocess.Popen(
            [places.hub_cli(), "connect", "--server", path.removeprefix("/mcp/")],
            env=hub.env, cwd=hub.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.open(version)

    def read(self):
        for line in self.process.stdout:
            self.arrived(json.loads(line))

    def send(self, message: dict):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(60) == 0
        self.reader.join(30)
        self.process.stdout.close()


class OverSse(OneLine):
    """A client of HTTP+SSE: one event stream, and a POST for each message."""

    def __init__(self, hub, path: str, version: str, capabilities: dict):
        super().__init__(version, capabilities)
        self.port = hub.port
        self.endpoint = queue.SimpleQueue()
        self.events = wire.Stream.get(hub.port, path + "/sse", {})
        assert self.events.status == 200
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.address = self.endpoint.get(timeout=30)
        self.open(version)

    def read(self):
        kind = ""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            for raw in self.events.response:
                field, _, value = raw.decode().rstrip("\r\n").partition(": ")
                if field == "event":
                    kind = value
                elif field == "data" and kind == "endpoint":
                    self.endpoint.put(value)
                elif field == "data":
                    self.arrived(json.loads(value))

    def send(self, message: dict):
        assert wire.post(self.port, message, self.address).status == 202

    def close(self):
        self.events.close()
        self.reader.join(30)


DOORS = {"http": OverHttp, "sse": OverSse, "stdio": OverStdio}
