"""An MCP server over streamable HTTP with the standard library only. Its tools misbehave when they are asked to."""

import argparse
import json
import os
import ssl
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODERN = "2026-07-28"


def text(value: str) -> dict:
    return {"content": [{"type": "text", "text": value}]}


def tool(name: str, /, **properties) -> dict:
    return {"name": name, "description": name, "inputSchema": {"type": "object", "properties": properties}}


TOOLS = [
    tool("echo", text={"type": "string"}),
    tool("sleep", seconds={"type": "number"}),
    tool("header", name={"type": "string"}),
    tool("progress"),
    tool("polled"),
    tool("cut"),
    tool("garbage"),
    tool("exit"),
]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    options = None
    sessions = set()

    # Answers of `polled` by the event id that a client goes on from.
    parked = {}

    def log_message(self, *arguments):
        pass

    def answer(self, status: int, body=None, kind="application/json", **headers):
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if data:
            self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def begin_events(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def event(self, message=None, id: str | None = None, retry: int | None = None):
        lines = [f"id: {id}"] if id else []
        lines += [f"retry: {retry}"] if retry else []
        lines.append("data: " + (json.dumps(message) if message else ""))
        self.wfile.write(("\n".join(lines) + "\n\n").encode())
        self.wfile.flush()

    def do_GET(self):
        last = self.headers.get("Last-Event-ID")
        if last in self.parked:
            due, message = self.parked.pop(last)
            if time.monotonic() < due:
                return self.answer(400, {"error": "too early"})
            self.begin_events()
            return self.event(message, id=last + "-end")
        return self.answer(405)

    def do_DELETE(self):
        self.sessions.discard(self.headers.get("Mcp-Session-Id"))
        self.answer(200)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.options.redirect and self.path != "/real":
            return self.answer(307, Location="/real")
        if self.options.token and self.headers.get("Authorization") != f"Bearer {self.options.token}":
            return self.answer(401, WWW_Authenticate="Bearer")
        message = json.loads(body)
        self.id = message.get("id")
        self.params = message.get("params") or {}
        if "method" not in message or self.id is None:
            return self.answer(202)
        return self.modern(message) if self.options.stateless else self.handshake(message)

    def modern(self, message):
        method = message["method"]
        said = self.headers.get("Mcp-Method"), self.headers.get("MCP-Protocol-Version")
        if said != (method, MODERN):
            return self.fault(400, -32020, f"header mismatch: {said}")
        common = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
        if method == "server/discover":
            return self.result({**common, "supportedVersions": [MODERN], "capabilities": {"tools": {}}})
        if method == "tools/list":
            return self.result({**common, "tools": TOOLS})
        if method == "tools/call":
            if self.headers.get("Mcp-Name") != self.params["name"]:
                return self.fault(400, -32020, "header mismatch")
            return self.call({"resultType": "complete"})
        return self.fault(404, -32601, "no such method")

    def handshake(self, message):
        method = message["method"]
        if method == "initialize":
            session = uuid.uuid4().hex
            self.sessions.add(session)
            info = {"name": "plain_http", "version": "1"}
            result = {"protocolVersion": self.params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": info}
            return self.answer(200, {"jsonrpc": "2.0", "id": self.id, "result": result}, Mcp_Session_Id=session)
        if self.headers.get("Mcp-Session-Id") is None:
            return self.fault(400, -32600, "no session")
        if self.headers["Mcp-Session-Id"] not in self.sessions:
            return self.fault(404, -32001, "Session not found")
        if method == "tools/list":
            return self.result({"tools": TOOLS})
        if method == "tools/call":
            return self.call({})
        return self.fault(200, -32601, "no such method")

    def fault(self, status: int, code: int, words: str):
        self.answer(status, {"jsonrpc": "2.0", "id": self.id, "error": {"code": code, "message": words}})

    def result(self, result: dict):
        message = {"jsonrpc": "2.0", "id": self.id, "result": result}
        if not self.options.events:
            return self.answer(200, message)
        self.begin_events()
        return self.event(message)

    def call(self, common: dict):
        name = self.params["name"]
        arguments = self.params.get("arguments") or {}
        token = (self.params.get("_meta") or {}).get("progressToken")
        if name == "echo":
            return self.result({**common, **text(arguments.get("text", ""))})
        if name == "sleep":
            time.sleep(arguments.get("seconds", 1))
            return self.result({**common, **text("slept")})
        if name == "header":
            return self.result({**common, **text(str(self.headers.get(arguments["name"])))})
        if name == "progress":
            self.begin_events()
            for step in range(3):
                params = {"progressToken": token, "progress": step}
                self.event({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
            return self.event({"jsonrpc": "2.0", "id": self.id, "result": {**common, **text("done")}})
        if name == "polled":
            self.begin_events()
            id = uuid.uuid4().hex
            self.parked[id] = (time.monotonic() + 0.1, {"jsonrpc": "2.0", "id": self.id, "result": {**common, **text("polled")}})
            return self.event(id=id, retry=120)
        if name == "cut":
            self.begin_events()
            self.wfile.write(b'data: {"jsonrpc": "2.0"')
            return None
        if name == "garbage":
            return self.answer(200, b"<html>nonsense</html>", "text/html")
        if name == "exit":
            os._exit(3)
        return self.fault(200, -32602, "unknown tool")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--events", action="store_true", help="answer as event streams")
    options.add_argument("--stateless", action="store_true", help="speak 2026-07-28 only")
    options.add_argument("--redirect", action="store_true", help="redirect everything to /real")
    options.add_argument("--token", help="want this bearer token")
    options.add_argument("--cert", help="PEM file with certificate and key: speak TLS")
    options.add_argument("--client-ca", help="want a certificate of this authority")
    Handler.options = options.parse_args()
    server = Server(("127.0.0.1", Handler.options.port), Handler)
    if Handler.options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(Handler.options.cert)
        if Handler.options.client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(Handler.options.client_ca)
        # The handshake happens in the thread of its connection.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


main()
