"""Many clients at once on one thread: raw MCP by asyncio over streamable HTTP, HTTP+SSE, and stdio through `slm-hub connect`."""

import asyncio
import contextlib
import json

from rig import mcp, places, wire

LIMIT = 1 << 22


class Connection:
    """One connection to the hub, one request at a time."""

    def __init__(self, port: int):
        self.port = port
        self.reader = self.writer = None

    async def send(self, method: str, path: str, body: bytes, headers: dict):
        """Sends a request; the status and the headers of the reply."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=LIMIT)
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        first, *rest = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        found = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in rest if line)}
        return int(first.split(" ")[1]), found

    async def pieces(self, headers: dict):
        """The body of the reply as it comes."""
        if headers.get("transfer-encoding") == "chunked":
            while size := int(await self.reader.readuntil(b"\n"), 16):
                yield (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readuntil(b"\n")
        elif "content-length" in headers:
            yield await self.reader.readexactly(int(headers["content-length"]))
        else:
            while piece := await self.reader.read(LIMIT):
                yield piece
            self.close()

    async def events(self, headers: dict):
        """The events of a stream: kind and data."""
        rest = b""
        async for piece in self.pieces(headers):
            *whole, rest = (rest + piece).split(b"\n\n")
            for event in whole:
                fields = dict(line.split(": ", 1) for line in event.decode().split("\n") if ": " in line and line[0] != ":")
                if fields.get("data"):
                    yield fields.get("event", "message"), fields["data"]

    def close(self):
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None


class Client:
    """One of the crowd. `asked` has the ids of its requests, `answers` for each id all answers that came, `progress` all that was told
    under each token; `odd` is what was told to nobody. `on_progress` is called when there is more progress."""

    def __init__(self, hub, server: str, version: str):
        self.on_progress = lambda: None
        self.hub, self.server, self.version = hub, server, version
        self.modern = version == mcp.MODERN
        self.sent = 0
        self.asked: set[int] = set()
        self.answers: dict[int, list[dict]] = {}
        self.progress: dict[int, list[str]] = {}
        self.odd: list[dict] = []

    def arrived(self, message: dict):
        if "method" in message:
            if message["method"] == "notifications/progress":
                params = message["params"]
                self.progress.setdefault(params["progressToken"], []).append(params["message"])
                self.on_progress()
        elif message.get("id") in self.asked:
            self.answers.setdefault(message["id"], []).append(message)
        else:
            self.odd.append(message)

    async def call(self, mark: str, **more) -> dict:
        """The answer to a call. Ids and tokens are the same small numbers for every client."""
        self.sent += 1
        number = self.sent
        params = {"name": "mark", "arguments": {"mark": mark, **more}, "_meta": {"progressToken": number}}
        await self.ask(mcp.request("tools/call", mcp.modern_params(params) if self.modern else params, number))
        return self.answers[number][0]


class OverHttp(Client):
    """A connection of its own, on which one request follows the other."""

    async def open(self):
        self.connection = Connection(self.hub.port)
        self.path = f"/mcp/{self.server}"
        self.session = {}
        if not self.modern:
            headers = await self.ask(mcp.initialize(self.version))
            self.session = {"Mcp-Session-Id": headers["mcp-session-id"], "MCP-Protocol-Version": self.version}
            await self.post({"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def post(self, message: dict) -> dict:
        headers = {"Content-Type": "application/json", "Accept": wire.BOTH, **self.session}
        if self.modern:
            headers |= mcp.modern_headers(message["method"], message["params"])
        _, found = await self.connection.send("POST", self.path, json.dumps(message).encode(), headers)
        if found.get("content-type", "").startswith("text/event-stream"):
            async for _, data in self.connection.events(found):
                self.arrived(json.loads(data))
        else:
            body = b"".join([piece async for piece in self.connection.pieces(found)])
            if body:
                self.arrived(json.loads(body))
        return found

    async def ask(self, message: dict) -> dict:
        """The headers of the reply that brought the answer."""
        self.asked.add(message["id"])
        headers = await self.post(message)
        assert message["id"] in self.answers, f"no answer to {message}"
        return headers

    async def close(self):
        self.connection.close()


class OneLine(Client):
    """Everything comes on one line, so that answers are told apart by their ids alone."""

    async def open(self):
        self.waiting: dict[int, asyncio.Future] = {}
        await self.begin()
        if not self.modern:
            await self.ask(mcp.initialize(self.version))
            await self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def ask(self, message: dict):
        self.asked.add(message["id"])
        answered = self.waiting[message["id"]] = asyncio.get_running_loop().create_future()
        await self.send(message)
        await answered

    def arrived(self, message: dict):
        super().arrived(message)
        if "method" not in message and (answered := self.waiting.pop(message.get("id"), None)):
            answered.set_result(None)

    def ended(self, why: str):
        for answered in self.waiting.values():
            if not answered.done():
                answered.set_exception(ConnectionError(why))
                # Whoever could not even send does not wait for it.
                answered.exception()


class OverSse(OneLine):
    async def begin(self):
        self.posts, self.stream = Connection(self.hub.port), Connection(self.hub.port)
        self.turn = asyncio.Lock()
        self.address = asyncio.get_running_loop().create_future()
        _, headers = await self.stream.send("GET", f"/mcp/{self.server}/sse", b"", {"Accept": "text/event-stream"})
        self.reader = asyncio.create_task(self.read(headers))
        self.address = await self.address

    async def read(self, headers: dict):
        with contextlib.suppress(EOFError, ConnectionError):
            async for kind, data in self.stream.events(headers):
                if kind == "endpoint":
                    self.address.set_result(data)
                else:
                    self.arrived(json.loads(data))
        self.ended("the stream ended")

    async def send(self, message: dict):
        async with self.turn:
            body = json.dumps(message).encode()
            status, headers = await self.posts.send("POST", self.address, body, {"Content-Type": "application/json"})
            said = b"".join([piece async for piece in self.posts.pieces(headers)])
        assert status == 202, said

    async def close(self):
        self.reader.cancel()
        self.posts.close()
        self.stream.close()


class OverStdio(OneLine):
    async def begin(self):
        self.process = await asyncio.create_subprocess_exec(
            places.hub_cli(), "connect", "--server", self.server, env=self.hub.env, cwd=self.hub.folder, limit=LIMIT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )
        self.reader = asyncio.create_task(self.read())

    async def read(self):
        while line := await self.process.stdout.readline():
            self.arrived(json.loads(line))
        self.ended("the bridge ended")

    async def send(self, message: dict):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        await self.process.stdin.drain()

    async def close(self):
        """Whatever the bridge still had to say has been read when it ends."""
        self.process.stdin.close()
        await self.reader
        assert await self.process.wait() == 0


DOORS = {"http": OverHttp, "sse": OverSse, "stdio": OverStdio}
