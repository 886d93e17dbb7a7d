"""What a change of era costs: clients of both eras at servers of both eras."""

import calls
from contenders import Hub, Layout

CLIENTS = {"handshake": [], "stateless": ["--stateless"]}
SERVERS = ("handshake", "stateless")
BUSY = 8

# How much dearer a stateless client's call may be at a handshake server.
LIMIT = 1.3


def _measure(bench, report, options, layout_name, sessions):
    report.title(f"change of era, {sessions} sessions, layout `{layout_name}`: median of {options.rounds} rounds")
    layout = Layout(layout_name)
    servers = {era: [*layout.echo_arguments(), "--era", era] for era in SERVERS}
    rounds = {}
    with Hub(bench, servers, layout, folder=f"hub-eras-{layout_name}-{sessions}") as hub:
        hub.wait_until_known()
        for _ in range(options.rounds):
            for client, words in CLIENTS.items():
                for server in SERVERS:
                    words_of_call = ["--port", hub.port, "--watch", hub.pid, "--path", f"/mcp/{server}", *words]
                    result = bench.load(
                        layout, "call", "--sessions", sessions, "--seconds", options.seconds, *words_of_call
                    )
                    rounds.setdefault((client, server), []).append(result)
    results = {way: calls.median_of(r) for way, r in rounds.items()}
    report.table(
        ["", "p50 us", "p99 us", "calls/s", "cpu us/call"],
        [
            [f"{c} client, {s} server", r["p50_us"], r["p99_us"], r["calls_per_s"], r["cpu_us_per_call"]]
            for (c, s), r in results.items()
        ],
    )
    calls.judge_quiet(report, results)
    calls.judge_errors(report, {f"{c} client, {s} server": r for (c, s), r in results.items()})
    return results


def _judge(report, what, figure, results, at):
    crossed = results["stateless", "handshake"][figure]
    report.bound(
        f"stateless client, handshake server: {what} by a stateless server's ({at})",
        crossed / results["stateless", "stateless"][figure],
        LIMIT,
        "x",
    )
    report.bound(
        f"stateless client, handshake server: {what} by a handshake client's ({at})",
        crossed / results["handshake", "handshake"][figure],
        LIMIT,
        "x",
    )
    back = results["handshake", "stateless"][figure] / results["handshake", "handshake"][figure]
    report.note(f"handshake client, stateless server: {what} by a handshake server's ({at}): {back:.2f}x")


def measure(bench, report, options):
    for layout_name in ("one", "split"):
        results = _measure(bench, report, options, layout_name, 1)
        _judge(report, "p50", "p50_us", results, f"1 session, {layout_name}")
    results = _measure(bench, report, options, options.pin, BUSY)
    _judge(report, "processor time", "cpu_us_per_call", results, f"{BUSY} sessions, {options.pin}")
