"""Processes of ours: how they are started, pinned, weighed and ended."""

import os
import signal
import socket
import subprocess
import time

MIB = 1024 * 1024


def free_port():
    """A port of the loopback address that was free a moment ago."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(condition, seconds, what):
    """Waits for a condition that no event announces; raises TimeoutError with `what`."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds} s")
        time.sleep(0.02)


def port_answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


class Process:
    """A process that is ended by its own id when the block is left."""

    def __init__(self, command, log, cpus=None, env=None, stdin=subprocess.DEVNULL, stdout=None):
        self.log = log
        with open(log, "ab") as errors:
            # Output of daemons goes to the log; a caller that wants to read asks for a pipe.
            self.popen = subprocess.Popen(
                [str(word) for word in command],
                stdin=stdin,
                stdout=errors if stdout is None else stdout,
                stderr=errors,
                env=env,
                preexec_fn=(lambda: os.sched_setaffinity(0, cpus)) if cpus else None,
            )
        self.pid = self.popen.pid

    def wait_for_port(self, port, seconds=10):
        def up():
            if self.popen.poll() is not None:
                raise RuntimeError(f"{self.popen.args[0]} ended with {self.popen.returncode}: {self.last_words()}")
            return port_answers(port)

        wait_until(up, seconds, f"{self.popen.args[0]} listening on port {port}")

    def last_words(self):
        with open(self.log, "rb") as file:
            return file.read()[-2000:].decode(errors="replace")

    def stop(self, seconds=10):
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        for stream in (self.popen.stdin, self.popen.stdout):
            if stream:
                stream.close()
        return self.popen.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def memory_of(pid):
    """Resident, proportional and anonymous memory of a process in bytes."""
    found = {}
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        for line in file:
            words = line.split()
            if words[0] in ("Rss:", "Pss:", "Anonymous:"):
                found[words[0][:-1].lower()] = int(words[1]) * 1024
    return found


def settled_memory_of(pid, seconds=5):
    """Memory once it has stopped changing (by more than 64 KB in half a second), or after `seconds`."""
    deadline = time.monotonic() + seconds
    before = memory_of(pid)
    while time.monotonic() < deadline:
        time.sleep(0.5)
        now = memory_of(pid)
        if abs(now["rss"] - before["rss"]) < 65536:
            return now
        before = now
    return before


def reset_peak(pid):
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def peak_of(pid):
    """The most memory that was resident since `reset_peak`, in bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))


def descendants_of(pid):
    """All processes below `pid`."""
    found = []
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except FileNotFoundError:
        return found
    for task in tasks:
        try:
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                for child in map(int, file.read().split()):
                    found += [child] + descendants_of(child)
        except FileNotFoundError:
            continue  # The thread ended between the two looks.
    return found


def total_memory(pids):
    """Sums over those processes that still live."""
    total = {"processes": 0, "rss": 0, "pss": 0}
    for pid in pids:
        try:
            memory = memory_of(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if memory:
            total["processes"] += 1
            total["rss"] += memory["rss"]
            total["pss"] += memory["pss"]
    return total
