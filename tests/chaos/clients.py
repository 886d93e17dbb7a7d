"""The clients of the chaos run, of both eras and over each door: each knows what it asked, and judges what comes back."""

import asyncio
import json
import random
import re
import time

from rig import crowd, mcp, wire

# A request without an answer or the end of its connection after this long is lost. The hub's own limits are far below it.
LOST_SECONDS = 90.0
MARK = re.compile(r"c\d+-\d+-\d+")


class Wrong(Exception):
    """Something that may never happen, in a sentence."""


class Ledger:
    """What all clients were told. Times are of `time.monotonic`."""

    def __init__(self):
        self.good = 0
        self.failures: list[tuple[float, float, str, str]] = []
        self.ended = 0
        self.refused = 0
        self.sessions_lost: list[float] = []
        self.wrong: list[str] = []
        self.pids: dict[str, int] = {}

    def fail(self, since: float, server: str, words: str):
        self.failures.append((since, time.monotonic(), server, words))


class Client:
    """Asks one server after the other, thinking in between, until it is told to stop. What it asks carries a mark that no other
    request of the run has."""

    def __init__(self, world, number: int, seed: int):
        self.world, self.number = world, number
        self.dice = random.Random(f"{seed} client {number}")
        self.ledger: Ledger = world.ledger
        self.asked = 0

    def next_mark(self) -> str:
        self.asked += 1
        # Later hubs of the run see marks of their own.
        return f"c{self.number}-{self.asked}-{self.world.turn}"

    async def run(self):
        while not self.world.over:
            await self.world.up.wait()
            server = self.choose()
            since = time.monotonic()
            mark = self.next_mark()
            try:
                await asyncio.wait_for(self.ask(server, mark, since), LOST_SECONDS)
            except (ConnectionError, EOFError, asyncio.IncompleteReadError):
                self.ledger.ended += 1
                self.forget()
                await self.world.look_whether_up()
            except (asyncio.TimeoutError, TimeoutError):
                self.ledger.wrong.append(f"{mark} to {server} had no answer within {LOST_SECONDS:.0f} s")
                self.forget()
            except Wrong as wrong:
                self.ledger.wrong.append(f"{mark} to {server}: {wrong}")
            await asyncio.sleep(self.world.think_seconds * self.dice.uniform(0.5, 1.5))

    def choose(self) -> str:
        """Mostly a healthy server; during the storm each third time one that is not."""
        unruly = self.world.stormy and self.dice.random() < 0.33
        return self.dice.choice(self.world.unruly if unruly else self.world.healthy)

    def judge(self, server: str, mark: str, since: float, message: dict):
        """Takes the one answer to a request: the own mark, or an error that names the server."""
        result = message.get("result", {})
        content = result.get("structuredContent") or {}
        # Taken out before the rest is looked through, which would hold up all other clients.
        much = content.pop("much", None)
        text = json.dumps(message)
        if strange := {found for found in MARK.findall(text) if found != mark}:
            raise Wrong(f"has something of {strange}")
        if "error" in message or result.get("isError"):
            if server not in text and not self.world.is_troubled(since):
                raise Wrong(f"an error that does not name its server: {text[:300]}")
            return self.ledger.fail(since, server, text[:400])
        if much is not None and len(much) != self.world.huge:
            raise Wrong(f"{len(much)} bytes of a huge answer")
        if mcp.text_of(result) != mark:
            raise Wrong(f"another answer: {text[:300]}")
        if pid := content.get("pid"):
            self.ledger.pids[server] = pid
        self.ledger.good += 1


class OverHttp(Client):
    """A connection of its own. The even ones of the handshake era keep a session at the federated door, the odd ones at the transparent
    door of one healthy server."""

    def __init__(self, world, number: int, seed: int, modern: bool):
        super().__init__(world, number, seed)
        self.modern = modern
        self.connection = crowd.Connection(world.hub.port)
        self.session: dict = {}
        self.home = None if number % 2 == 0 or modern else self.dice.choice(world.healthy)

    def choose(self) -> str:
        return self.home or super().choose()

    def forget(self):
        self.connection.close()

    def path(self, server: str) -> str:
        """Stateless clients come through both doors."""
        direct = self.home is not None or (self.modern and self.asked % 2 == 1)
        return f"/mcp/{server}" if direct else "/mcp"

    async def post(self, path: str, message: dict) -> tuple[int, dict, list]:
        """Status, headers and messages of the reply."""
        headers = {"Content-Type": "application/json", "Accept": wire.BOTH, **self.session}
        if self.modern:
            headers |= mcp.modern_headers(message["method"], message["params"])
        status, found = await self.connection.send("POST", path, json.dumps(message).encode(), headers)
        if found.get("content-type", "").startswith("text/event-stream"):
            messages = [json.loads(data) async for _, data in self.connection.events(found)]
        else:
            body = b"".join([piece async for piece in self.connection.pieces(found)])
            messages = [json.loads(body)] if body else []
        if found.get("connection", "").lower() == "close":
            self.connection.close()
        return status, found, messages

    async def open(self):
        """Begins a session, unless there is one or none is wanted."""
        if self.modern or self.session:
            return
        path = self.path(self.home or "")
        status, headers, messages = await self.post(path, mcp.initialize("2025-11-25"))
        if status != 200 or "mcp-session-id" not in headers:
            self.ledger.refused += 1
            raise ConnectionError(f"initialize: {status} {messages}")
        self.session = {"Mcp-Session-Id": headers["mcp-session-id"], "MCP-Protocol-Version": "2025-11-25"}
        await self.post(path, {"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def ask(self, server: str, mark: str, since: float):
        await self.open()
        path = self.path(server)
        number = self.asked
        params = {"name": "mark" if path != "/mcp" else f"{server}__mark", "arguments": {"mark": mark}}
        message = mcp.request("tools/call", mcp.modern_params(params) if self.modern else params, number)
        status, _, messages = await self.post(path, message)
        if status == 404 and self.session:
            self.ledger.sessions_lost.append(since)
            self.session = {}
            return
        if status == 503:
            self.ledger.refused += 1
            return
        answers = [found for found in messages if "method" not in found]
        if len(answers) != 1 or answers[0].get("id") != number:
            raise Wrong(f"HTTP {status} with {len(answers)} answers to {number}: {str(messages)[:300]}")
        self.judge(server, mark, since, answers[0])

    async def close(self):
        if self.session:
            path = self.path(self.home or "")
            _, found = await self.connection.send("DELETE", path, b"", self.session)
            async for _ in self.connection.pieces(found):
                pass
        self.connection.close()


class OnOneLine(Client):
    """A client of HTTP+SSE or of `slm-hub connect` at one healthy server, with two requests under way at a time."""

    def __init__(self, world, number: int, seed: int, door: str):
        super().__init__(world, number, seed)
        self.door = door
        self.home = self.dice.choice(world.healthy)
        self.line = None
        self.lines = []

    def choose(self) -> str:
        return self.home

    def forget(self):
        if self.line is not None and self.door == "sse":
            self.line.reader.cancel()
            self.line.posts.close()
            self.line.stream.close()
        self.line = None

    async def open(self):
        if self.line is None:
            line = crowd.DOORS[self.door](self.world.hub, self.home, "2025-11-25")
            self.lines.append(line)
            try:
                await line.open()
            except (AssertionError, ValueError, KeyError) as error:
                raise ConnectionError(f"{self.door} does not open: {error}") from None
            self.line = line

    async def ask(self, server: str, mark: str, since: float):
        await self.open()
        calls = (self.line.call(mark), self.line.call(other := self.next_mark()))
        answers = await asyncio.gather(*calls, return_exceptions=True)
        if broken := [answer for answer in answers if isinstance(answer, Exception)]:
            raise ConnectionError(str(broken[0])) from None
        for asked, answer in zip((mark, other), answers):
            # The bridge answers by itself while there is no hub.
            if self.door == "stdio" and "error" in answer and self.world.is_troubled(since):
                self.ledger.ended += 1
            else:
                self.judge(server, asked, since, answer)

    async def close(self):
        if self.line is not None:
            await self.line.close()
        for line in self.lines:
            if line.odd:
                self.ledger.wrong.append(f"client {self.number} was told what it never asked: {str(line.odd)[:300]}")
            if twice := [number for number, found in line.answers.items() if len(found) != 1]:
                self.ledger.wrong.append(f"client {self.number} has several answers to {twice}")


def make_all(world, seed: int) -> list[Client]:
    """Fifty: 22 with sessions and 22 without over HTTP, three over HTTP+SSE and three over stdio."""
    over_http = [OverHttp(world, number, seed, modern=number >= 22) for number in range(44)]
    over_sse = [OnOneLine(world, number, seed, "sse") for number in range(44, 47)]
    return over_http + over_sse + [OnOneLine(world, number, seed, "stdio") for number in range(47, 50)]
