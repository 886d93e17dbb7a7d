"""Resident memory of the hub: known servers, idle sessions, running servers."""

import subprocess

from contenders import Hub
from processes import MIB, Process, descendants_of, peak_of, settled_memory_of

SERVERS = 37
TOOLS = 12
SESSIONS = 500


def _servers():
    # The four tools of the echo server count among the twelve.
    return {f"server{i:02}": ["--tools", str(TOOLS - 4), "--name", f"server{i:02}"] for i in range(SERVERS)}


class Idle(Process):
    """Idle sessions, open until the block is left."""

    def __init__(self, bench, hub, sessions=SESSIONS, streams=False):
        words = ["hold", "--port", hub.port, "--sessions", sessions] + (["--streams"] if streams else [])
        super().__init__(
            [bench.program("load"), *words], bench.log("hold"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        if not self.popen.stdout.readline():
            raise RuntimeError(f"cannot hold {sessions} sessions: {self.last_words()}")

    def stop(self, seconds=10):
        """Ends the sessions in order, which closing its input asks for."""
        self.popen.stdin.close()
        self.popen.stdin = None
        self.popen.wait(seconds)
        return super().stop(seconds)


def _row(name, memory):
    return [name, memory["rss"] / MIB, memory["pss"] / MIB, memory["anonymous"] / MIB]


def measure(bench, report, options):
    if not bench.hub.exists():
        report.note("the hub is not built; nothing to measure")
        return
    report.title(f"resident memory of the hub, {SERVERS} servers of {TOOLS} tools")
    settings = {"max_sessions": 2 * SESSIONS}
    with Hub(bench, _servers(), folder="hub-memory", settings=settings) as hub:
        hub.wait_until_known()
        learned = settled_memory_of(hub.pid)
    with Hub(bench, _servers(), folder="hub-memory", settings=settings) as hub:
        hub.wait_until_known()
        running = len(descendants_of(hub.pid))
        known = settled_memory_of(hub.pid)
        peak = peak_of(hub.pid)
        # The first session brings back what the program needs for any.
        with Idle(bench, hub, sessions=1):
            one = settled_memory_of(hub.pid)
        with Idle(bench, hub):
            idle = settled_memory_of(hub.pid)
        closed = settled_memory_of(hub.pid)
        with Idle(bench, hub, streams=True):
            streaming = settled_memory_of(hub.pid)
            for name in hub.servers:
                bench.load(None, "call", "--port", hub.port, "--path", f"/mcp/{name}", "--calls", 1)
            children = len(descendants_of(hub.pid))
            busy = settled_memory_of(hub.pid)
    report.table(
        ["MB", "RSS", "PSS", "anonymous"],
        [
            _row(f"{SERVERS} servers just learned", learned),
            _row(f"{SERVERS} known, {running} running", known),
            _row("the same, one idle session", one),
            _row(f"{SESSIONS} idle sessions", idle),
            _row("the sessions ended", closed),
            _row(f"{SESSIONS} idle sessions with event streams", streaming),
            _row(f"the same, {children} servers running", busy),
        ],
    )
    report.bound("servers running after a start", running, 0)
    report.bound(f"{SERVERS} known servers, none running", known["rss"] / MIB, 15.0, " MB")
    report.note(f"the most while it started: {peak / MIB:.1f} MB")
    report.bound("an idle session", (idle["rss"] - one["rss"]) / (SESSIONS - 1) / 1024, 25.0, " KB")
    report.note(
        f"an idle session with an event stream open: {(streaming['rss'] - closed['rss']) / SESSIONS / 1024:.1f} KB"
    )
    report.bound("servers running after a call to each", children, SERVERS, at_least=True)
    report.bound(f"{SESSIONS} sessions and {SERVERS} running servers", busy["rss"] / MIB, 40.0, " MB")
