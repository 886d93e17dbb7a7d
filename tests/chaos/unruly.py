"""A server for the chaos run: its tool `mark` gives back the mark it was called with, in one of the ways below.

Usage: unruly.py WAY RECORD. Each mark that was asked for is a line of RECORD, with the process that was asked.
The ways that break something do so with every `EVERY`th call or start, so that there is something to break again.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration" / "servers"))

from basis import Later, Server, later, send, text, write  # noqa: E402

EVERY = 7
HUGE = 3_000_000


class Unruly(Server):
    """Serves properly; a way replaces `reply`, or does harm as the process starts."""

    name = "unruly"

    def __init__(self, file: str):
        super().__init__()
        self.file = file
        self.calls = 0
        mark = {"mark": {"type": "string"}}
        self.tool("mark", self.mark, "Gives back a mark", mark)

    def mark(self, arguments, message):
        self.calls += 1
        self.note(arguments["mark"])
        return self.reply(arguments["mark"], message)

    def note(self, mark: str):
        """One write for each line, so that the lines of several processes do not mix."""
        try:
            fd = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.write(fd, f"{mark} {os.getpid()}\n".encode())
            os.close(fd)
        except OSError:
            # A limit on the size of files that the hub was given for a while.
            pass

    def reply(self, mark: str, message: dict) -> dict:
        return text(mark, structuredContent={"pid": os.getpid()})

    def every(self) -> bool:
        return self.calls % EVERY == 0


def healthy(server: Unruly):
    """As it should be; those that are killed or stopped from outside are this one, too."""


def garbage(server: Unruly):
    """Bytes that are no JSON-RPC around each answer, answers twice and to ids that nobody gave."""
    answer = server.answer

    def noisy(message, result):
        write(b"Loading...\n{]\n[1,2]\n\"text\"\n\xff\xfe\n{\"jsonrpc\":\"2.0\",\"id\":99999999,\"result\":{}}\n")
        answer(message, result)
        if message["method"] == "tools/call":
            answer(message, text("the second answer"))

    server.answer = noisy


def endless_line(server: Unruly):
    def reply(mark, message):
        if not server.every():
            return text(mark)
        try:
            while True:
                write(b"x" * 65536)
        except BrokenPipeError:
            os._exit(1)

    server.reply = reply


def drips(server: Unruly):
    """An answer comes in pieces of a few bytes, and slowly."""

    def reply(mark, message):
        line = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": text(mark)}).encode() + b"\n"
        for at in range(0, len(line), 8):
            write(line[at:at + 8])
            time.sleep(0.02)
        raise Later

    server.reply = reply


def huge(server: Unruly):
    server.reply = lambda mark, message: text(mark, structuredContent={"much": "x" * HUGE})


def forks(server: Unruly):
    """Leaves children behind that hold its pipes and ignore SIGTERM, and dies now and then."""
    stay = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    subprocess.Popen([sys.executable, "-S", "-E", "-c", stay])

    def reply(mark, message):
        if server.every():
            os._exit(5)
        return text(mark)

    server.reply = reply


def exits_at_start(server: Unruly):
    """Cannot start more often than not; which time it is stands in a file beside the record."""
    starts = Path(server.file + ".starts")
    count = int(starts.read_text() or 0) + 1 if starts.exists() else 1
    try:
        starts.write_text(str(count))
    except OSError:
        pass
    if count % 3 != 0:
        print("unruly: not in the mood", file=sys.stderr, flush=True)
        os._exit(3)


def silent(server: Unruly):
    def reply(mark, message):
        if server.every():
            raise Later
        return text(mark)

    server.reply = reply


def does_not_read(server: Unruly):
    def reply(mark, message):
        if server.every():
            time.sleep(8)
        return text(mark)

    server.reply = reply


def dies_in_calls(server: Unruly):
    def reply(mark, message):
        if server.every():
            os.kill(os.getpid(), signal.SIGSEGV)
        later(0.05, lambda: server.answer(message, text(mark)))
        raise Later

    server.reply = reply


def noisy_stderr(server: Unruly):
    def reply(mark, message):
        sys.stderr.write(("\x1b[31mnoise\r" + "e" * 200 + "\n") * 500)
        sys.stderr.flush()
        return text(mark)

    server.reply = reply


def stays(server: Unruly):
    """Ignores SIGTERM and the end of its stdin, and changes its list without end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    run = server.run

    def for_ever():
        run()
        while True:
            time.sleep(60)

    def change():
        while True:
            time.sleep(0.5)
            send({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})

    server.run = for_ever
    threading.Thread(target=change, daemon=True).start()


if __name__ == "__main__":
    try:
        served = Unruly(sys.argv[2])
        globals()[sys.argv[1]](served)
        served.run()
    except BrokenPipeError:
        os._exit(0)
