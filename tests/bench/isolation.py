"""What one server does to the calls of another, and slow calls to the same one."""

import statistics

from contenders import Hub
from processes import Process

SESSIONS = 8


def measure(bench, report, options):
    if not bench.hub.exists():
        report.note("the hub is not built; nothing to measure")
        return
    report.title("ten calls of one second to one server, at once")
    with Hub(bench, {"echo": [], "stuck": []}, folder="hub-isolation") as hub:
        hub.wait_until_known()
        bench.load(None, "call", "--port", hub.port, "--path", "/mcp/echo", "--calls", 1)
        ten = bench.load(
            None,
            "call",
            "--port",
            hub.port,
            "--path",
            "/mcp/echo",
            "--tool",
            "wait",
            "--ms",
            1000,
            "--sessions",
            10,
            "--calls",
            1,
        )
        if ten["errors"]:
            report.note(f"the first error: {ten['first_error']}")
        report.bound("ten one-second calls", ten["seconds"], 1.2, " s")
        report.bound("wrong or missing answers", ten["errors"], 0)

        report.title(f"{SESSIONS} sessions on one server while another is deaf to 32 calls")
        quiet, disturbed = [], []
        words = [
            "call",
            "--port",
            hub.port,
            "--path",
            "/mcp/echo",
            "--watch",
            hub.pid,
            "--sessions",
            SESSIONS,
            "--seconds",
            options.seconds,
        ]
        deaf_ms = int((options.seconds + 1.5) * 1000)
        for _ in range(options.rounds):
            quiet.append(bench.load(None, *words))
            other = [
                bench.program("load"),
                "call",
                "--port",
                hub.port,
                "--path",
                "/mcp/stuck",
                "--calls",
                1,
                "--limit",
                30,
            ]
            with Process([*other, "--tool", "stall", "--ms", deaf_ms], bench.log("stuck")) as stall, Process(
                [*other, "--sessions", 32], bench.log("stuck")
            ) as waiting:
                disturbed.append(bench.load(None, *words))
                stall.popen.wait(60)
                waiting.popen.wait(60)
    rows = [
        [name, *(statistics.median(r[key] for r in rounds) for key in ("calls_per_s", "p50_us", "p99_us"))]
        for name, rounds in (("alone", quiet), ("beside a deaf server", disturbed))
    ]
    report.table(["", "calls/s", "p50 us", "p99 us"], rows)
    report.bound("wrong or missing answers", sum(r["errors"] for r in quiet + disturbed), 0)
    # Two rounds of the same differ by some 20 % on a shared machine.
    report.bound("p99 beside a deaf server, by p99 alone", rows[1][3] / rows[0][3], 1.3, "x")
