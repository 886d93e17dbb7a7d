"""A server for crowds: its one tool gives back the mark it was called with after a moment, tells the mark as progress, and names its process; with `hold` it does not give it back.

Usage: marked.py stdio|http|sse [--port PORT] [--stateless]. The standard library alone; everything of one process on one thread.
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import uuid

META = "io.modelcontextprotocol/"
MODERN = "2026-07-28"
TOOL = {"name": "mark", "description": "Gives back a mark", "inputSchema": {"type": "object", "properties": {"mark": {"type": "string"}, "hold": {"type": "boolean"}}}}


async def answer(message: dict, notify) -> dict:
    """The answer to a request; `notify` sends what comes before it."""
    method, params = message["method"], message.get("params") or {}
    modern = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"} if stateless else {}
    info = {"name": "marked", "version": "1"}
    capabilities = {"tools": {}}
    result = None
    if method == "initialize" and not stateless:
        result = {"protocolVersion": params["protocolVersion"], "capabilities": capabilities, "serverInfo": info}
    elif method == "server/discover" and stateless:
        result = {**modern, "supportedVersions": [MODERN], "capabilities": capabilities, "_meta": {META + "serverInfo": info}}
    elif method == "ping":
        result = {}
    elif method == "tools/list":
        result = {**modern, "tools": [TOOL]}
    elif method == "tools/call":
        mark = params["arguments"]["mark"]
        token = (params.get("_meta") or {}).get("progressToken")
        if token is not None:
            told = {"progressToken": token, "progress": 1, "message": mark}
            await notify({"jsonrpc": "2.0", "method": "notifications/progress", "params": told})
        # Long enough for a whole crowd to be in flight at once; what is held has no answer while this process lives.
        await asyncio.sleep(1e6 if params["arguments"].get("hold") else 0.02)
        result = {"content": [{"type": "text", "text": mark}], "structuredContent": {"pid": os.getpid()}}
        result |= {"resultType": "complete"} if stateless else {}
    if result is None:
        return {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": f"Method not found: {method}"}}
    return {"jsonrpc": "2.0", "id": message["id"], "result": result}


async def over_stdio():
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)

    async def send(message):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    async def serve(message):
        await send(await answer(message, send))

    tasks = set()
    while line := await reader.readline():
        message = json.loads(line)
        if "id" in message and "method" in message:
            tasks.add(task := asyncio.create_task(serve(message)))
            task.add_done_callback(tasks.discard)


class Connection:
    """One connection of HTTP/1.1 after the other's requests."""

    streams: dict[str, "Connection"] = {}
    sessions: set[str] = set()
    tasks: set[asyncio.Task] = set()

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def serve(self):
        try:
            while head := await self.head():
                method, target, headers = head
                body = await self.reader.readexactly(int(headers.get("content-length", 0)))
                await self.request(method, target, headers, body)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writer.close()

    async def head(self):
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = lines[0].split(" ")
        return method, target, {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}

    async def write(self, data: bytes):
        self.writer.write(data)
        await self.writer.drain()

    async def reply(self, status: int, message=None, *headers: str):
        body = b"" if message is None else json.dumps(message).encode()
        kind = ["Content-Type: application/json"] if body else []
        head = "\r\n".join([f"HTTP/1.1 {status} So", f"Content-Length: {len(body)}", *kind, *headers])
        await self.write(head.encode() + b"\r\n\r\n" + body)

    async def begin_events(self):
        await self.write(b"HTTP/1.1 200 So\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")

    async def event(self, kind: str, data: str):
        event = f"event: {kind}\ndata: {data}\n\n".encode()
        await self.write(b"%x\r\n%s\r\n" % (len(event), event))

    async def send(self, message: dict):
        await self.event("message", json.dumps(message))

    async def answer(self, message: dict):
        """Answers on this stream, if it is still there."""
        with contextlib.suppress(ConnectionError):
            await self.send(await answer(message, self.send))

    async def request(self, method: str, target: str, headers: dict, body: bytes):
        message = json.loads(body) if body else {}
        wanted = "id" in message and "method" in message
        path, _, name = target.partition("?")
        if given.door == "sse":
            if method == "GET":
                return await self.open_stream()
            if method != "POST" or path != "/messages" or name not in self.streams:
                return await self.reply(405 if path == "/sse" else 404)
            await self.reply(202)
            if wanted:
                # The next request on this connection does not wait for it.
                self.tasks.add(task := asyncio.create_task(self.streams[name].answer(message)))
                task.add_done_callback(self.tasks.discard)
        elif method != "POST":
            await self.reply(200 if method == "DELETE" else 405)
        elif not wanted:
            await self.reply(202)
        elif message["method"] == "tools/call":
            if not stateless and headers.get("mcp-session-id") not in self.sessions:
                error = {"code": -32001, "message": "Session not found"}
                return await self.reply(404, {"jsonrpc": "2.0", "id": message["id"], "error": error})
            await self.begin_events()
            await self.send(await answer(message, self.send))
            await self.write(b"0\r\n\r\n")
        else:
            session = uuid.uuid4().hex
            said = [f"Mcp-Session-Id: {session}"] if message["method"] == "initialize" and not stateless else []
            self.sessions.update([session] if said else [])
            found = await answer(message, self.send)
            await self.reply(404 if stateless and "error" in found else 200, found, *said)

    async def open_stream(self):
        name = uuid.uuid4().hex
        await self.begin_events()
        self.streams[name] = self
        await self.event("endpoint", f"/messages?{name}")
        await self.reader.read()
        del self.streams[name]
        raise ConnectionError


async def over_http():
    server = await asyncio.start_server(lambda r, w: Connection(r, w).serve(), "127.0.0.1", given.port, backlog=512)
    await server.serve_forever()


options = argparse.ArgumentParser()
options.add_argument("door", choices=["stdio", "http", "sse"])
options.add_argument("--port", type=int)
options.add_argument("--stateless", action="store_true")
given = options.parse_args()
stateless = given.stateless
asyncio.run(over_stdio() if given.door == "stdio" else over_http())
