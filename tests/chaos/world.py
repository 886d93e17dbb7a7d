"""The world of the chaos run: one hub with forty servers, a third of which misbehave, and what is known about its state."""

import asyncio
import ctypes
import json
import mmap
import os
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

from rig import processes
from rig.hub import Hub

import unruly
from clients import Ledger

SERVERS = 40
WAYS = ["killed", "stopped", "garbage", "endless_line", "drips", "huge", "forks", "exits_at_start", "silent", "does_not_read",
        "dies_in_calls", "noisy_stderr", "stays"]
# What a hub with all this may use; far below, it runs into neither.
DESCRIPTORS = 1024
ADDRESS_BYTES = 4 << 30
# How long after the end of a fault its echo may be heard: servers that start anew, connections that are made again.
ECHO_SECONDS = 15.0
FOLDER = Path(__file__).resolve().parent


class World:
    """Owns the hub. `up` is set while the hub should answer, `troubles` are the times when it could not serve all."""

    def __init__(self, folder: Path, seed: int, think_seconds: float):
        self.folder = folder
        self.think_seconds = think_seconds
        self.dice = random.Random(f"{seed} world")
        self.ledger = Ledger()
        self.huge = unruly.HUGE
        self.over = self.stormy = False
        # While something is done to the hub that it need not survive.
        self.may_end = False
        self.probe = None
        self.pid_file = folder / "hub.pid"
        self.turn = 0
        self.up = asyncio.Event()
        self.troubles: list[list[float]] = []
        names = [f"s{i:02}" for i in range(SERVERS)]
        self.ways = dict(zip(self.dice.sample(names, len(WAYS)), WAYS))
        self.unruly = sorted(self.ways)
        self.healthy = [name for name in names if name not in self.ways]
        self.clock = Clock(folder)
        settings = {"learn_unknown": False, "request_timeout_seconds": 30, "start_timeout_seconds": 30, "max_message_bytes": 8 << 20}
        self.hub = Hub(folder / "hub", {name: self.entry(name) for name in names}, settings, self.clock.env)

    def entry(self, name: str) -> dict:
        way = self.ways.get(name, "healthy")
        way = "healthy" if way in ("killed", "stopped") else way
        entry = {"command": sys.executable, "args": ["-S", "-E", str(FOLDER / "unruly.py"), way, str(self.record(name))]}
        return {**entry, "timeout": 3} if name in self.ways else entry

    def record(self, name: str) -> Path:
        return self.folder / f"{name}.record"

    def start(self):
        self.hub.start(60)
        # At once: the probe may be reading it.
        written = self.pid_file.with_suffix(".new")
        written.write_text(str(self.hub.pid))
        written.replace(self.pid_file)
        self.turn += 1
        resource.prlimit(self.hub.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        resource.prlimit(self.hub.pid, resource.RLIMIT_AS, (ADDRESS_BYTES, ADDRESS_BYTES))
        self.up.set()

    async def look_whether_up(self):
        """After the end of a connection: waits for the hub where it is known to be away."""
        await asyncio.sleep(0.1)
        await self.up.wait()

    def begin_trouble(self):
        self.troubles.append([time.monotonic(), float("inf")])

    def end_trouble(self):
        self.troubles[-1][1] = time.monotonic() + ECHO_SECONDS

    def is_troubled(self, since: float, until: float | None = None) -> bool:
        """Whether some of that time (to this moment, without `until`) lies in a trouble."""
        until = time.monotonic() if until is None else until
        return any(since <= end and until >= begin for begin, end in self.troubles)

    def way_is(self, way: str) -> list[str]:
        return [name for name, found in self.ways.items() if found == way]

    def server_pid(self, name: str) -> int | None:
        """The process of a server as it said itself in an answer, if it is still the one."""
        pid = self.ledger.pids.get(name)
        return pid if pid and self.is_server(pid, name) else None

    def is_server(self, pid: int, name: str) -> bool:
        try:
            marked = self.hub.mark.encode() in Path(f"/proc/{pid}/environ").read_bytes()
            return marked and str(self.record(name)).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False

    async def ask_status(self) -> dict | None:
        """What `slm-hub status --json` says; nothing when it says nothing."""
        return await asyncio.to_thread(self.status)

    def status(self) -> dict | None:
        try:
            said = self.hub.cli("status", "--json", seconds=30)
            return json.loads(said.stdout) if said.returncode == 0 else None
        except (ValueError, subprocess.TimeoutExpired):
            return None

    def footprint(self) -> dict:
        """What the hub holds, by /proc."""
        pid = self.hub.pid
        return {
            "descriptors": len(processes.descriptors(pid)),
            "threads": processes.threads(pid),
            "children": len(processes.children(pid)),
            "resident_kb": processes.resident_kb(pid),
        }


class Clock:
    """The hub's wall clock, which can be put forward and back while the hub runs. Needs a C compiler; does nothing without one."""

    def __init__(self, folder: Path):
        library, file = folder / "clock_shift.so", folder / "clock"
        file.write_bytes(bytes(8))
        command = [os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-o", str(library), str(FOLDER / "clock_shift.c")]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            self.env, self.shift = {}, None
            return
        self.env = {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(file)}
        with open(file, "r+b") as opened:
            self.shift = ctypes.c_int64.from_buffer(mmap.mmap(opened.fileno(), 8))

    def set(self, seconds: int):
        if self.shift is not None:
            self.shift.value = seconds
