"""Two hundred clients at once, at each door and in front of each kind of server, whose process is killed three times on the way.

Every answer carries its asker's mark, and all clients use the same ids and progress tokens: no answer may go astray, none may be lost, and
none may come twice. A request that a dead server cannot answer any more gets an error that says so.
"""

import asyncio
import json
import os
import signal
import sys

import pytest

from rig import crowd, mcp, places
from rig.http_servers import HttpServer

CLIENTS = 200
MARKS = 6
KILLS = 3
HELD = 5
SECONDS = 60
KINDS = ["stdio-handshake", "stdio-stateless", "http-handshake", "http-stateless", "sse-handshake"]

# What a call may be told whose server has just died.
NAMED = {"crashed", "start_failed", "backing_off"}


class Target:
    """The server behind the hub, which can be killed and comes back: by the hub over stdio, by us over HTTP."""

    def __init__(self, folder, kind: str):
        door, era = kind.split("-")
        program = [str(places.SERVERS / "marked.py"), door, *(["--stateless"] if era == "stateless" else [])]
        self.http = None
        if door == "stdio":
            self.entry = {"command": sys.executable, "args": ["-S", "-E", *program]}
        else:
            command = [sys.executable, "-S", "-E", *program, "--port", "{port}"]
            self.http = HttpServer(folder, command, "/sse" if door == "sse" else "/mcp").start()
            self.entry = {"url": self.http.url, "type": door}

    async def kill(self, pid: int):
        if self.http:
            assert pid == self.http.process.pid
            self.http.stop()
            await asyncio.to_thread(self.http.start)
        else:
            os.kill(pid, signal.SIGKILL)


class Storm:
    """All clients, and the one that kills: by what was answered so far, never by the clock. Some more for each kill ask what has no
    answer, so that each kill meets calls in flight."""

    def __init__(self, target: Target, clients: list, holders: list):
        self.target, self.clients, self.holders = target, clients, holders
        self.good = self.failed = 0
        self.held = set()
        self.changed = asyncio.Event()
        self.up = asyncio.Event()
        self.up.set()

    async def until(self, condition):
        while not condition():
            self.changed.clear()
            await self.changed.wait()

    def is_named(self, answer: dict) -> bool:
        if "error" not in answer:
            return False
        error = answer["error"]
        assert error["code"] == -32603 and error["data"]["kind"] in NAMED and error["data"]["fix"], error
        self.failed += 1
        return True

    async def mark(self, client, mark: str):
        """Asks until there is a good answer, anew when the server is back."""
        while self.is_named(answer := await client.call(mark)):
            await self.up.wait()
        assert mcp.text_of(answer["result"]) == mark
        self.good += 1
        self.changed.set()

    async def ask_all(self, number: int, client):
        async def one_by_one(marks):
            for mark in marks:
                await self.mark(client, mark)

        marks = [f"{number}-{i}" for i in range(MARKS)]
        lanes = 1 if isinstance(client, crowd.OverHttp) else 2
        await asyncio.gather(*(one_by_one(marks[lane::lanes]) for lane in range(lanes)))

    async def hold(self, number: int, client):
        """Has one call in flight when the server is killed."""
        def reached():
            self.held.add(number)
            self.changed.set()

        client.on_progress = reached
        while number not in self.held:
            assert self.is_named(await client.call(f"{number}-held", hold=True))
        assert client.answers[client.sent][0]["error"]["data"]["kind"] == "crashed"

    async def kill(self, prober):
        for kill in range(KILLS):
            await self.until(lambda: self.good > CLIENTS * MARKS * kill // (KILLS + 1))
            numbers = range(kill * HELD, (kill + 1) * HELD)
            holding = asyncio.gather(*(self.hold(number, self.holders[number]) for number in numbers))
            await self.until(lambda: self.held.issuperset(numbers))
            self.up.clear()
            while "error" in (there := await prober.call("there")):
                await asyncio.sleep(0.02)
            await self.target.kill(there["result"]["structuredContent"]["pid"])
            while "error" in (await prober.call("back")):
                await asyncio.sleep(0.02)
            self.up.set()
            await holding


async def storm(hub, target: Target, door: str):
    make = crowd.DOORS[door]
    version = lambda number: mcp.MODERN if number % 2 and door != "sse" else "2025-11-25"
    everybody = [make(hub, "marked", version(number)) for number in range(CLIENTS + KILLS * HELD)]
    prober = crowd.OverHttp(hub, "marked", mcp.MODERN)
    await prober.open()
    assert "error" not in await prober.call("first")
    for some in range(0, len(everybody), 25):
        await asyncio.gather(*(client.open() for client in everybody[some:some + 25]))
    run = Storm(target, everybody[:CLIENTS], everybody[CLIENTS:])
    await asyncio.gather(run.kill(prober), *(run.ask_all(*x) for x in enumerate(run.clients)))
    await asyncio.gather(*(client.close() for client in everybody))
    await prober.close()
    return run


def check(number: int, client, marks: int):
    """One answer for each request, progress for nobody else, and nothing that nobody asked for."""
    assert client.odd == []
    assert {key: len(found) for key, found in client.answers.items()} == {key: 1 for key in client.asked}
    for token, told in client.progress.items():
        assert len(told) == 1 and told[0].startswith(f"{number}-")
        (answer,) = client.answers[token]
        assert "error" in answer or mcp.text_of(answer["result"]) == told[0]
    good = [mcp.text_of(found[0]["result"]) for number, found in client.answers.items() if number and "result" in found[0]]
    assert sorted(good) == [f"{number}-{i}" for i in range(marks)]


@pytest.mark.timeout(SECONDS + 60)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("door", crowd.DOORS)
def test_a_crowd_gets_each_answer_once_while_its_server_is_killed(make_hub, tmp_path, door, kind):
    target = Target(tmp_path, kind)
    try:
        hub = make_hub({"marked": target.entry})
        run = asyncio.run(asyncio.wait_for(storm(hub, target, door), SECONDS))
        for number, client in enumerate(run.clients):
            check(number, client, MARKS)
        for number, client in enumerate(run.holders):
            check(number, client, 0)
        assert run.good == CLIENTS * MARKS and run.failed >= KILLS * HELD
        status = json.loads(hub.cli("status", "--json").stdout)
        assert status["calls"]["in_flight"] == 0
        print(f"{run.good} good answers, {run.failed} errors")
    finally:
        if target.http:
            target.http.stop()
