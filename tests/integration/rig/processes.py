"""Looks at processes through /proc, and waits for things with a deadline."""

import os
import resource
import time
from pathlib import Path


def wait_for(condition, seconds=5.0, what="the condition"):
    """Returns the first true value of `condition()`; fails when it takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.01)


def marked(mark: str) -> dict[int, str]:
    """The living processes whose environment holds `mark`, with their command lines; orphans are found as well."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        folder = Path("/proc") / entry
        try:
            if mark.encode() in (folder / "environ").read_bytes() and state(int(entry)) != "Z":
                found[int(entry)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


def state(pid: int) -> str | None:
    """The state letter of a process, or nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def children(pid: int) -> list[int]:
    """The direct children of a process, zombies too."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def descriptors(pid: int) -> dict[str, str]:
    """The open descriptors of a process: number to what it is."""
    found = {}
    for entry in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[entry] = os.readlink(f"/proc/{pid}/fd/{entry}")
        except FileNotFoundError:
            continue
    return found


def threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))


def address_bytes(pid: int) -> int:
    """The address space that a process uses, which RLIMIT_AS limits."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()


def memory_kb(pid: int, what: str) -> int:
    """A line of what the kernel says of the memory of a process, in KiB: `VmRSS`, `RssFile`, `VmHWM` (the most so far)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1])
    return 0


def resident_kb(pid: int) -> int:
    """Resident memory of a process in KiB."""
    return memory_kb(pid, "VmRSS")
