"""What the memory daemon costs a call: none there, one that answers, one that takes 2 s for each answer, and one that is frozen."""

import os
import pathlib
import signal
import statistics
import sys

from calls import judge_errors, judge_quiet, median_of
from contenders import Hub, Layout
from processes import Process, free_port, wait_until

SESSIONS = 8
AWAY, THERE, SLOW, FROZEN = "no daemon", "it answers", "it answers after 2 s", "it is frozen"

# Two rounds of the same differ by some percent on a quiet machine, and by more where others work, too. A daemon that holds up
# even one call of a hundred adds 2 s to the 99th percentile, which is hundreds of times more.
PROCESSOR_MAX = 1.05
P50_MAX = 1.05
P99_MAX = 1.3

DOUBLE = pathlib.Path(__file__).resolve().parent.parent / "integration" / "slm_double.py"


class Daemon(Process):
    """The double of the memory daemon, in a process of its own, away from the hub's processor where there is another."""

    def __init__(self, bench, layout, name, fault):
        self.port = free_port()
        program = (
            "import sys, threading; sys.path.insert(0, sys.argv[1]); import slm_double;"
            "double = slm_double.Double(port=int(sys.argv[2])); double.fault = sys.argv[3] or None;"
            "double.start(); threading.Event().wait()"
        )
        super().__init__(
            [sys.executable, "-c", program, DOUBLE.parent, self.port, fault], bench.log(f"slm-{name}"), cpus=layout.others
        )
        self.wait_for_port(self.port)


def presence_of(hub):
    """What the plugin of the memory says: `connected (...)`, `away: ...`."""
    plugins = {x["name"]: x for x in hub.status()["plugins"]}
    return plugins["slm"].get("says") or ""


def measure(bench, report, options):
    if not bench.hub.exists():
        report.note("the hub is not built; nothing to measure")
        return
    layout = Layout("one" if options.pin == "free" else options.pin)
    report.title(f"processor time and latency of calls by how the memory daemon is, {SESSIONS} sessions, layout `{layout.name}`")
    hubs, daemons = {}, {}
    nowhere = free_port()
    try:
        for name, fault in ((AWAY, None), (THERE, ""), (SLOW, "slow"), (FROZEN, "")):
            folder = f"hub-slm-{len(hubs)}"
            if fault is not None:
                daemons[name] = Daemon(bench, layout, folder, fault)
            port = daemons[name].port if name in daemons else nowhere
            hubs[name] = Hub(
                bench,
                {"echo": layout.echo_arguments()},
                layout,
                folder=folder,
                settings={"plugins": {"slm": True, "mesh": True}},
                variables={"SLM_DAEMON_URL": f"http://127.0.0.1:{port}"},
            )
            hubs[name].wait_until_known()
            if name in daemons:
                wait_until(lambda hub=hubs[name]: presence_of(hub).startswith("connected"), 30, f"the daemon ({name}) being found")
        os.kill(daemons[FROZEN].pid, signal.SIGSTOP)
        rounds = {name: [] for name in hubs}
        # Rounds are many and alternate, since the difference is a few percent. The first of the frozen one is that in which
        # the hub has not noticed yet.
        for turn in range(1 + 4 * options.rounds):
            for name, hub in hubs.items():
                words = ["--port", hub.port, "--path", "/mcp/echo", "--watch", hub.pid]
                result = bench.load(layout, "call", *words, "--sessions", SESSIONS, "--seconds", options.seconds / 2)
                if turn > 0 or name == FROZEN:
                    rounds[name].append(result)
        report.note(f"the frozen daemon is, for its hub: {presence_of(hubs[FROZEN])}")
    finally:
        for hub in hubs.values():
            hub.stop()
        for daemon in daemons.values():
            os.kill(daemon.pid, signal.SIGCONT)
            daemon.stop()
    # What the frozen one did before it was noticed counts for its worst figure, not for a pair of rounds.
    unnoticed = rounds[FROZEN].pop(0)
    results = {name: median_of(r) for name, r in rounds.items()}

    def ratio(name, key):
        return statistics.median(with_it[key] / without[key] for with_it, without in zip(rounds[name], rounds[AWAY]))

    report.table(
        ["", "cpu us/call", "by none", "calls/s", "p50 us", "by none", "p99 us", "by none"],
        [
            [
                name,
                r["cpu_us_per_call"],
                f"{ratio(name, 'cpu_us_per_call'):.2f}",
                r["calls_per_s"],
                r["p50_us"],
                f"{ratio(name, 'p50_us'):.2f}",
                r["p99_us"],
                f"{ratio(name, 'p99_us'):.2f}",
            ]
            for name, r in results.items()
        ],
    )
    report.note(f"while the frozen one was not noticed yet: p50 {unnoticed['p50_us']:.0f} us, p99 {unnoticed['p99_us']:.0f} us")
    judge_errors(report, {**results, "unnoticed": unnoticed})
    judge_quiet(report, results)
    for name in (SLOW, FROZEN):
        report.bound(f"{name}: processor time by that without a daemon", ratio(name, "cpu_us_per_call"), PROCESSOR_MAX, "x")
        report.bound(f"{name}: p50 by that without a daemon", ratio(name, "p50_us"), P50_MAX, "x")
        report.bound(f"{name}: p99 by that without a daemon", ratio(name, "p99_us"), P99_MAX, "x")
