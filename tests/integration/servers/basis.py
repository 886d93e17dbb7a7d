"""A small MCP server over stdio with the standard library only, so that each test server starts in 20 ms and shows every byte."""

import json
import os
import sys
import threading
import time

META = "io.modelcontextprotocol/"
_out = threading.Lock()


def write(data: bytes):
    """Puts bytes on stdout at once."""
    with _out:
        while data:
            data = data[os.write(1, data):]


def send(message):
    write(json.dumps(message, ensure_ascii=False).encode() + b"\n")


def text(value: str, **more) -> dict:
    return {"content": [{"type": "text", "text": value}], **more}


class Fault(Exception):
    """A JSON-RPC error answer."""

    def __init__(self, code: int, message: str, data=None):
        super().__init__(message)
        self.error = {"code": code, "message": message}
        if data is not None:
            self.error["data"] = data


class Later(Exception):
    """Raised by a handler whose answer comes later, or never."""


class Server:
    """Answers the handshake and what `handlers` knows; subclasses and scripts add methods and tools."""

    name = "basis"
    instructions = None
    capabilities = {"tools": {"listChanged": True}}

    def __init__(self, record: str | None = None):
        self.record_file = record
        self.tools = {}
        self.handlers = {
            "initialize": self.initialize,
            "ping": lambda message: {},
            "tools/list": lambda message: {"tools": [tool["listed"] for tool in self.tools.values()]},
            "tools/call": self.call,
        }
        self.record("started")

    def record(self, event: str, detail=None):
        """Appends a line to the file that the test reads."""
        if self.record_file:
            line = json.dumps({"event": event, "pid": os.getpid(), "at": time.time(), "detail": detail}) + "\n"
            fd = os.open(self.record_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.write(fd, line.encode())
            os.close(fd)

    def tool(self, name: str, run, description="", properties=None, **more):
        schema = {"type": "object", "properties": properties or {}}
        listed = {"name": name, "description": description or name, "inputSchema": schema, **more}
        self.tools[name] = {"run": run, "listed": listed}

    def initialize(self, message) -> dict:
        params = message.get("params", {})
        self.record("initialize", params)
        result = {
            "protocolVersion": params.get("protocolVersion", "2025-11-25"),
            "capabilities": self.capabilities,
            "serverInfo": {"name": self.name, "version": "1.2.3"},
        }
        return result if self.instructions is None else {**result, "instructions": self.instructions}

    def call(self, message):
        params = message.get("params", {})
        tool = self.tools.get(params.get("name"))
        if tool is None:
            raise Fault(-32602, f"no tool {params.get('name')}", {"tool": params.get("name")})
        return tool["run"](params.get("arguments") or {}, message)

    def answer(self, message, result):
        send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def on_notification(self, message):
        self.record(message["method"], message.get("params"))

    def on_response(self, message):
        self.record("response", message)

    def take(self, message):
        """Handles one message."""
        if "method" not in message:
            return self.on_response(message)
        if "id" not in message:
            return self.on_notification(message)
        handler = self.handlers.get(message["method"])
        try:
            if handler is None:
                raise Fault(-32601, f"Method not found: {message['method']}")
            self.answer(message, handler(message))
        except Fault as fault:
            send({"jsonrpc": "2.0", "id": message["id"], "error": fault.error})
        except Later:
            pass

    def run(self):
        """Reads stdin to its end, one message a line."""
        for line in sys.stdin.buffer:
            if line.strip():
                self.take(json.loads(line))
        self.record("stdin closed")


def later(seconds: float, run):
    """Runs something after a while on a thread of its own."""
    timer = threading.Timer(seconds, run)
    timer.daemon = True
    timer.start()
    return timer
