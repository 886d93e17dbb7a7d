"""What must hold during the storm and after it. Each check gives sentences about what does not."""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from rig import processes

# How long status and /proc may differ: a run that is out of date or was told to end has no row any more. And how long the hub may take until all is as it was.
SHOWN_SECONDS = 10.0
CALM_SECONDS = 60.0
# How often a soak looks at the hub's memory, and what counts as flat.
SAMPLE_SECONDS = 5.0
FLAT = 1.05
FLAT_KB = 1024
# Fifty clients, some with two requests at a time, and the probe.
CALLS_AT_ONCE = 57
# The states of a healthy server.
WELL = ("known", "queued", "starting", "ready", "stopping")
# What may be left over after the storm, beyond what was there before: some for the store's files, the log, the management socket.
MORE_DESCRIPTORS = 12
DESCRIPTORS_A_SERVER = 6
MORE_THREADS = 2
MORE_KB = 160 * 1024
# How much slower the 99th percentile may become. Below the second it is as good as the quiet one: a few calls decide it.
SLOWER = 3.0
SLOW_SECONDS = 0.005


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class StatusWatch:
    """Compares each second what `slm-hub status` says with /proc, with what the clients have asked, and with what it said before."""

    def __init__(self, world):
        self.world = world
        self.samples = self.silent = 0
        # What looked wrong, and since when. A process may end or begin while the answer is on its way; what stays wrong is.
        self.doubts: dict[str, float] = {}
        self.wrong: list[str] = []
        # Of the hub that said it: the calls that had ended.
        self.turn = self.ended_calls = 0

    async def run(self):
        while not self.world.over:
            await asyncio.sleep(1.0)
            asked = time.monotonic()
            turn = self.world.turn
            status = await self.world.ask_status()
            if not self.world.up.is_set() or turn != self.world.turn:
                self.doubts.clear()
            elif status is not None:
                self.samples += 1
                self.compare(status, asked)
            elif not self.world.is_troubled(asked):
                self.silent += 1
                self.wrong.append("`slm-hub status` said nothing although the hub was well")

    def compare(self, status: dict, asked: float):
        now = time.monotonic()
        found = set(self.differences(status))
        self.doubts = {words: self.doubts.get(words, now) for words in found}
        for words, since in self.doubts.items():
            if asked > since + SHOWN_SECONDS:
                self.wrong.append(f"{words}, for {asked - since:.0f} s")
        calls = status["calls"]
        ended = calls["answered"] + calls["failed"] + calls["cancelled"]
        if self.turn == self.world.turn and ended < self.ended_calls:
            self.wrong.append(f"status counts {ended} ended calls, {self.ended_calls} before")
        self.turn, self.ended_calls = self.world.turn, ended
        if calls["in_flight"] > CALLS_AT_ONCE:
            self.wrong.append(f"status counts {calls['in_flight']} calls in flight, at most {CALLS_AT_ONCE} were asked")
        if not self.world.is_troubled(asked):
            self.wrong += [f"status shows {row['name']}, which is healthy, as {row['state']}: {row['last_error']}"
                           for row in status["servers"] if row["name"] in self.world.healthy and row["state"] not in WELL]

    def differences(self, status: dict):
        """Between the servers that status shows and the processes that there are."""
        rows = {row["pid"]: row for row in status["servers"] if row["pid"]}
        with contextlib.suppress(OSError):
            for pid in processes.children(self.world.hub.pid):
                if pid not in rows and processes.state(pid) not in (None, "Z"):
                    yield f"status does not show the child {pid}"
        for row in status["servers"]:
            if row["state"] == "ready" and (not row["pid"] or processes.state(row["pid"]) in (None, "Z")):
                yield f"status shows {row['name']} as ready in process {row['pid']}, which is gone"


class Measured(NamedTuple):
    """One call of the probe, in seconds."""

    begin: float
    took: float
    starved: float
    shard_ran: float


class Probe:
    """Measures from a process of its own: what fifty clients on one thread measure is mostly how late they are themselves."""

    def __init__(self, world):
        self.file = world.folder / "probe"
        program = Path(__file__).with_name("probe.py")
        command = [sys.executable, "-S", "-E", str(program), str(world.hub.port), str(world.pid_file), str(self.file), *world.healthy]
        self.process = subprocess.Popen(command)

    def end(self) -> list[Measured]:
        self.process.terminate()
        self.process.wait()
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        fields = [line.split(" ") for line in lines]
        return [Measured(*map(float, numbers)) for numbers in fields if len(numbers) == 4]


class MemoryWatch:
    """Looks now and then at what the hub holds. It is flat when the last third of the time needs no more than the one before."""

    def __init__(self, world):
        self.world = world
        self.samples: list[dict] = []

    async def run(self):
        while not self.world.over:
            await asyncio.sleep(SAMPLE_SECONDS)
            with contextlib.suppress(OSError):
                self.samples.append(self.world.footprint())

    def thirds(self, what: str) -> list[float]:
        third = max(1, len(self.samples) // 3)
        return [percentile([sample[what] for sample in self.samples[i * third:(i + 1) * third]], 0.5) for i in range(3)]

    def growth(self) -> tuple[str, list[str]]:
        memory, descriptors = self.thirds("resident_kb"), self.thirds("descriptors")
        told = f"medians of each third: {memory} kB of memory, {descriptors} descriptors"
        flat = memory[2] <= memory[1] * FLAT + FLAT_KB and descriptors[2] <= descriptors[1] + MORE_DESCRIPTORS
        return told, [] if flat else [f"not flat, {told}"]


def repeated_calls(world) -> list[str]:
    """Each request reached a server at most once, whatever died on the way."""
    wrong = []
    for path in world.folder.glob("s??.record"):
        marks = Counter(line.split(" ")[0] for line in path.read_text().splitlines())
        wrong += [f"{path.stem} was asked {mark} {count} times" for mark, count in marks.items() if count > 1]
    return wrong


def failed_healthy(world) -> list[str]:
    """A healthy server fails nobody, except around what the hub itself went through."""
    return [
        f"{server} is healthy, but: {words}"
        for since, until, server, words in world.ledger.failures
        if server in world.healthy and not world.is_troubled(since, until)
    ]


def lost_sessions(world, faults) -> list[str]:
    """Until its database is damaged no session is forgotten, not even by a hub that was killed."""
    lost = [when for when in world.ledger.sessions_lost if when < faults.storage_harmed_at]
    return [f"{len(lost)} sessions were forgotten before anything had happened to the database"] if lost else []


def latency(world, calls: list[Measured], quiet_begin: float, quiet_end: float) -> tuple[list[str], list[str]]:
    """The 99th percentile of calls to healthy servers, in the storm and before it; without the times when there was no hub. What a call
    waited because others had the processors is the machine's and is told apart: misbehaving servers take what they get."""
    quiet = [call for call in calls if quiet_begin <= call.begin < quiet_end]
    storm = [call for call in calls if call.begin >= quiet_end and not world.is_troubled(call.begin, call.begin + call.took)]
    if not quiet or not storm:
        return [], [f"{len(quiet)} calls were measured in the quiet and {len(storm)} in the storm"]

    def compare(what: str, seconds) -> tuple[str, float, float]:
        before, then = ([seconds(call) for call in some] for some in (quiet, storm))
        times = percentile(then, 0.99) / max(percentile(before, 0.99), 1e-6)
        values = ", ".join(f"p{share * 100:.0f} {percentile(before, share) * 1e3:.2f} and {percentile(then, share) * 1e3:.2f} ms" for share in (0.5, 0.99))
        return f"{what}: {values}, {times:.1f}x", times, percentile(then, 0.99)

    told, times, late = compare("hub and server", lambda call: call.took - call.starved)
    held = "held" if times <= SLOWER else f"beyond {SLOWER:.0f}x"
    report = [
        f"healthy servers, {len(quiet)} calls in the quiet and {len(storm)} in the storm; {told}: {held}",
        compare("with waits for a processor", lambda call: call.took)[0],
        compare("the shard alone", lambda call: call.shard_ran)[0],
    ]
    return report, report if times > SLOWER and late > SLOW_SECONDS else []


async def calm(world, before: dict) -> tuple[str, list[str]]:
    """After the storm, with all clients gone: empty tables, and what the hub holds is what it held, within bounds."""
    deadline = time.monotonic() + CALM_SECONDS
    while True:
        status = await world.ask_status()
        wrong = ["`slm-hub status` says nothing after the storm"] if status is None else excess(world, before, status)
        if not wrong or time.monotonic() > deadline:
            return f"after it: {world.footprint()}, before: {before}", wrong
        await asyncio.sleep(0.5)


def excess(world, before: dict, status: dict) -> list[str]:
    now = world.footprint()
    ready = {row["pid"] for row in status["servers"] if row["state"] == "ready"}
    wrong = []
    if status["calls"]["in_flight"]:
        wrong.append(f"{status['calls']['in_flight']} calls are in flight, though nobody asks")
    if status["sessions"]:
        wrong.append(f"{len(status['sessions'])} sessions are left: {status['sessions'][:3]}")
    bound = before["descriptors"] + MORE_DESCRIPTORS + DESCRIPTORS_A_SERVER * len(ready)
    if now["descriptors"] > bound:
        wrong.append(f"{now['descriptors']} descriptors are open, at most {bound} should be: {Counter(processes.descriptors(world.hub.pid).values()).most_common(8)}")
    if now["threads"] > before["threads"] + MORE_THREADS:
        wrong.append(f"{now['threads']} threads, {before['threads']} before")
    if now["resident_kb"] > before["resident_kb"] + MORE_KB:
        wrong.append(f"{now['resident_kb']} kB of memory, {before['resident_kb']} before")
    if (children := set(processes.children(world.hub.pid))) != ready:
        wrong.append(f"the children {sorted(children ^ ready)} are not what status says is ready: {world.hub.servers_alive()}")
    return wrong


def left_behind(world) -> list[str]:
    """The hub ends by itself with 0, and takes every process with it that its servers ever started."""
    try:
        code = world.hub.stop(seconds=45)
        processes.wait_for(lambda: not world.hub.servers_alive(), 15, "the end of all servers")
        return [] if code == 0 else [f"the hub ended with {code}"]
    except AssertionError as error:
        left = world.hub.servers_alive()
        for pid in left:
            Path(f"/proc/{pid}").exists() and processes.os.kill(pid, 9)
        return [f"{error}; left: {left}"]
