"""Fifty clients, forty servers of which a third misbehave, and a hub to which everything happens that can happen to a process.

Usage: run.py [soak] [--minutes N] [--seed S] [--keep]. In a soak the hub itself is left alone, the clients ask less, and its memory
must be flat. Ends with 1, and the sentences about it, when something that must hold did not.
"""

import argparse
import asyncio
import contextlib
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "integration"), str(Path(__file__).resolve().parents[1] / "integration" / "servers")]

import checks  # noqa: E402
import clients  # noqa: E402
from faults import Faults  # noqa: E402
from world import World  # noqa: E402

STORM_MINUTES = 10.0
SOAK_MINUTES = 30.0
# How long a client thinks between two requests.
THINK_SECONDS = 0.15
SOAK_THINK_SECONDS = 1.0
QUIET_SHARE = 0.15
QUIET_SECONDS = (6.0, 30.0)
SHOWN = 12
STARTERS = 4

started = time.monotonic()


def say(line: str):
    print(f"{time.monotonic() - started:7.1f} s  {line}", flush=True)


async def watch_process(world, wrong: list[str]):
    """A hub that ends by itself ends the run."""
    while not world.over:
        await asyncio.sleep(0.2)
        code = world.hub.process.poll()
        if code is not None and world.up.is_set() and not world.may_end:
            wrong.append(f"the hub ended by itself with {code}; its last words: {world.hub.log()[-1500:]}")
            world.over = True


async def watch_end(world):
    while not world.over:
        await asyncio.sleep(0.2)


async def warm_up(world):
    """Starts each healthy server, so that the quiet phase measures calls."""
    async def start(number: int, names: list[str]):
        client = clients.OverHttp(world, number, 0, modern=True)
        for name in names:
            await client.ask(name, client.next_mark(), time.monotonic())
        await client.close()

    await asyncio.gather(*(start(90 + i, world.healthy[i::STARTERS]) for i in range(STARTERS)))
    if world.ledger.failures:
        raise SystemExit(f"the healthy servers do not even start: {world.ledger.failures[:3]}")
    world.ledger.good = 0


async def finish_clients(everybody, crowd, wrong):
    """Each goes on to the end of what it asks last; then all of them leave."""
    done, late = await asyncio.wait(crowd, timeout=clients.LOST_SECONDS + 30)
    wrong += [f"a client broke: {task.exception()!r}" for task in done if task.exception()]
    wrong += [f"{len(late)} clients did not come to an end"] if late else []
    for task in late:
        task.cancel()
    for client in everybody:
        with contextlib.suppress(ConnectionError, EOFError, asyncio.IncompleteReadError):
            await asyncio.wait_for(client.close(), 60)


async def storm(world, seed: int, seconds: float, soak: bool) -> tuple[list[str], list[str]]:
    """The whole run; what is told about it, and what was wrong."""
    wrong: list[str] = []
    world.start()
    before = world.footprint()
    await warm_up(world)
    everybody = clients.make_all(world, seed)
    watch = checks.StatusWatch(world)
    faults = Faults(world, seed, say)
    world.probe = checks.Probe(world)
    memory = checks.MemoryWatch(world)
    watching = [asyncio.create_task(task) for task in (watch.run(), memory.run(), watch_process(world, wrong))]
    crowd = [asyncio.create_task(client.run()) for client in everybody]
    quiet = min(max(seconds * QUIET_SHARE, QUIET_SECONDS[0]), QUIET_SECONDS[1])
    say(f"quiet for {quiet:.0f} s")
    # The first calls open sessions.
    await asyncio.sleep(2)
    quiet_begin = time.monotonic()
    await asyncio.sleep(quiet)
    quiet_end = time.monotonic()
    world.stormy = True
    say(f"the storm begins; misbehaving: {world.ways}")
    harm = asyncio.create_task(faults.harm_servers())
    hub_harm = asyncio.create_task(asyncio.sleep(seconds - quiet) if soak else faults.harm_hub(seconds - quiet))
    await asyncio.wait([hub_harm, asyncio.create_task(watch_end(world))], timeout=seconds * 2 + 60, return_when=asyncio.FIRST_COMPLETED)
    world.stormy = False
    harm.cancel()
    hub_harm.cancel()
    ended, _ = await asyncio.wait([harm, hub_harm], timeout=60)
    wrong += [f"a fault broke: {task.exception()!r}" for task in ended if not task.cancelled() and task.exception()]
    world.clock.set(0)
    say("the storm is over")
    measured = world.probe.end()
    world.over = True
    await finish_clients(everybody, crowd, wrong)
    await asyncio.wait(watching, timeout=60)
    ledger = world.ledger
    told, found = checks.latency(world, measured, quiet_begin, quiet_end)
    report = [
        f"{ledger.good} good answers; {len(ledger.failures)} errors {dict(Counter(world.ways.get(x[2], 'healthy') for x in ledger.failures))}",
        f"{ledger.ended} connections ended under a request, {ledger.refused} requests refused, {len(ledger.sessions_lost)} sessions forgotten",
        f"faults: {faults.count}; status asked {watch.samples} times",
        *told,
    ]
    if soak:
        told, found_more = memory.growth()
        report.append(told)
        wrong += found_more
    if world.hub.process.poll() is None:
        after, more = await checks.calm(world, before)
        report.append(after)
        wrong += more
        wrong += verify_audit(world, report)
    wrong += ledger.wrong + watch.wrong + found + checks.failed_healthy(world) + checks.lost_sessions(world, faults)
    wrong += checks.left_behind(world) + checks.repeated_calls(world)
    return report, wrong


def verify_audit(world, report: list[str]) -> list[str]:
    """The chain of the audit holds, where this hub keeps one."""
    said = world.hub.cli("audit", "verify")
    if "there is no command" in said.stderr:
        return []
    report.append(f"audit verify: {said.stdout.strip().splitlines()[-1:]}")
    return [] if said.returncode == 0 else [f"the audit does not verify: {(said.stdout + said.stderr)[-500:]}"]


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("what", nargs="?", choices=["soak"])
    options.add_argument("--minutes", type=float)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    options.add_argument("--keep", action="store_true", help="keep the folder of the run")
    given = options.parse_args()
    soak = given.what == "soak"
    minutes = given.minutes or (SOAK_MINUTES if soak else STORM_MINUTES)
    say(f"seed {given.seed}, {minutes:g} minutes")
    folder = Path(tempfile.mkdtemp(prefix="slm-hub-chaos-"))
    world = World(folder, given.seed, SOAK_THINK_SECONDS if soak else THINK_SECONDS)
    try:
        report, wrong = asyncio.run(storm(world, given.seed, minutes * 60, soak))
    finally:
        if world.probe:
            world.probe.end()
        if world.hub.process and world.hub.process.poll() is None:
            world.hub.process.kill()
            world.hub.process.wait()
        for pid in world.hub.servers_alive():
            with contextlib.suppress(ProcessLookupError):
                checks.processes.os.kill(pid, 9)
    for line in report:
        say(line)
    for line in wrong[:SHOWN]:
        say(f"WRONG: {line}")
    if wrong:
        say(f"{len(wrong)} things were wrong; repeat it with: scripts/chaos {given.what or ''} --minutes {minutes:g} --seed {given.seed}. The folder of the run is {folder}")
        return 1
    if not given.keep:
        shutil.rmtree(folder, ignore_errors=True)
    say("all that must hold did")
    return 0


if __name__ == "__main__":
    sys.exit(main())
