"""What is done to servers and to the hub during the storm. Each fault ends by itself, and says when the hub could not serve all meanwhile."""

import asyncio
import contextlib
import os
import random
import resource
import signal
import sqlite3

from rig import processes

# How long a fault of the hub lasts.
FAULT_SECONDS = 2.5
# Descriptors that the hub may still open when they are short, and bytes that a file may have when the disk is full.
SPARE_DESCRIPTORS = 2
FULL_BYTES = 4096
# By how much the hub may still grow when memory is short.
SPARE_BYTES = 0


class Faults:
    """Throws them in an order that comes from the seed."""

    def __init__(self, world, seed: int, say):
        self.world, self.say = world, say
        # Dice of their own, so that the order in which things happen to come does not change what the seed says.
        self.dice = random.Random(f"{seed} faults")
        self.server_dice = random.Random(f"{seed} servers")
        self.count = {"server kills": 0, "server stops": 0}
        self.stopped: dict[int, str] = {}
        self.hub_kills: list[float] = []
        self.storage_harmed_at = float("inf")

    async def harm_servers(self):
        """Kills and stops server processes from outside; a stopped one goes on after a while."""
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(self.server_dice.uniform(0.2, 0.6))
                for name in self.world.way_is("killed"):
                    if self.server_dice.random() < 0.5 and self.signal(self.world.server_pid(name), signal.SIGKILL):
                        self.count["server kills"] += 1
                for name in self.world.way_is("stopped"):
                    pid = self.world.server_pid(name)
                    if pid not in self.stopped and self.server_dice.random() < 0.3 and self.signal(pid, signal.SIGSTOP):
                        self.stop_for_a_while(pid, name)
        for pid in list(self.stopped):
            self.continue_now(pid)

    def stop_for_a_while(self, pid: int, name: str):
        """Some calls run into their time limit, others are only late."""
        self.stopped[pid] = name
        self.count["server stops"] += 1
        asyncio.get_running_loop().call_later(self.server_dice.uniform(0.5, 4.5), self.continue_now, pid)

    def continue_now(self, pid: int):
        name = self.stopped.pop(pid, None)
        if name and self.world.is_server(pid, name):
            self.signal(pid, signal.SIGCONT)

    def signal(self, pid: int | None, number: int) -> bool:
        if not pid:
            return False
        try:
            os.kill(pid, number)
            return True
        except ProcessLookupError:
            return False

    async def harm_hub(self, seconds: float):
        """All faults of the hub, a kill before each round of the others, spread over the time that there is: each once in a minute."""
        pause = max(3.0, min(8.0, seconds / 8 - FAULT_SECONDS))
        end = asyncio.get_running_loop().time() + seconds - FAULT_SECONDS - 4
        faults = []
        while asyncio.get_running_loop().time() < end:
            await asyncio.sleep(pause)
            if not faults:
                faults = [self.lock_database, self.fill_disk, self.jump_clock, self.squeeze_descriptors,
                          self.squeeze_memory, self.corrupt_database]
                self.dice.shuffle(faults)
                faults.append(self.kill_hub)
            fault = faults.pop()
            name = fault.__name__.replace("_", " ")
            self.count[name] = self.count.get(name, 0) + 1
            self.say(f"fault: {name}")
            await fault()

    async def kill_hub(self, meanwhile=lambda: None):
        world = self.world
        world.begin_trouble()
        world.up.clear()
        self.hub_kills.append(world.troubles[-1][0])
        world.hub.process.kill()
        await asyncio.to_thread(world.hub.process.wait)
        meanwhile()
        await asyncio.to_thread(world.start)
        world.end_trouble()

    async def lock_database(self):
        """Another program holds the database for itself."""
        other = sqlite3.connect(self.world.hub.config_dir / "hub.db", timeout=10, isolation_level=None, check_same_thread=False)
        try:
            await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
            await asyncio.sleep(FAULT_SECONDS)
            other.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            self.say(f"the database could not be locked: {error}")
        finally:
            other.close()

    async def fill_disk(self):
        """No file of the hub grows: neither database nor log. Unlike a disk that is full, this hurts nobody else on the machine."""
        self.storage_harmed_at = min(self.storage_harmed_at, asyncio.get_running_loop().time())
        pid = self.world.hub.pid
        was = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (FULL_BYTES, was[1]))
        await asyncio.sleep(FAULT_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, was)

    async def jump_clock(self):
        """The wall clock jumps: an hour ahead, two days back, and to where it was."""
        for seconds in (self.dice.choice([3700, 86_400]), -172_800, 0):
            self.world.clock.set(seconds)
            await asyncio.sleep(FAULT_SECONDS / 3)

    async def squeeze_descriptors(self):
        """The hub has hardly a descriptor left: it can neither accept a connection nor start a server."""
        world = self.world
        world.begin_trouble()
        pid = world.hub.pid
        was = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        highest = max(int(number) for number in processes.descriptors(pid))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (highest + 1 + SPARE_DESCRIPTORS, was[1]))
        await asyncio.sleep(FAULT_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_NOFILE, was)
        world.end_trouble()

    async def squeeze_memory(self):
        """The hub gets hardly any more memory. It may end of it, like any program, and its service manager starts the next one."""
        world = self.world
        world.begin_trouble()
        world.may_end = True
        pid = world.hub.pid
        was = resource.prlimit(pid, resource.RLIMIT_AS)
        resource.prlimit(pid, resource.RLIMIT_AS, (processes.address_bytes(pid) + SPARE_BYTES, was[1]))
        await asyncio.sleep(FAULT_SECONDS)
        if world.hub.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_AS, was)
            await asyncio.sleep(FAULT_SECONDS / 5)
        if world.hub.process.poll() is not None:
            self.count["ends of memory"] = self.count.get("ends of memory", 0) + 1
            self.say(f"the hub ended of it with {world.hub.process.poll()}: {world.hub.log()[-300:]!r}")
            world.up.clear()
            await asyncio.to_thread(world.start)
        world.may_end = False
        world.end_trouble()

    async def corrupt_database(self):
        """Between two runs of the hub some of its database becomes noise."""
        self.storage_harmed_at = min(self.storage_harmed_at, asyncio.get_running_loop().time())

        def overwrite():
            for path in sorted(self.world.hub.config_dir.glob("hub.db*")):
                size = path.stat().st_size
                if size and not path.name.startswith("hub.db.corrupt"):
                    with open(path, "r+b") as file:
                        for _ in range(8):
                            file.seek(self.dice.randrange(size))
                            file.write(self.dice.randbytes(64))

        await self.kill_hub(overwrite)
