"""What it costs to be seen: processor time per call with metrics, traces and audit against none of them, in one run."""

import http.server
import statistics
import threading

from calls import judge_errors, judge_quiet, median_of
from contenders import Hub, Layout

SESSIONS = 8
OFF, ON, SENT = "nothing", "metrics, traces, audit", "the same, and OTLP"

# The most that it may add to a call's processor time.
SHARE_MAX = 0.05


class Sink(http.server.ThreadingHTTPServer):
    """A collector that takes everything and looks at nothing."""

    daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            left = int(self.headers["Content-Length"])
            while left > 0:
                left -= len(self.rfile.read(min(left, 65536)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def measure(bench, report, options):
    if not bench.hub.exists():
        report.note("the hub is not built; nothing to measure")
        return
    layout = Layout("one" if options.pin == "free" else options.pin)
    report.title(f"processor time per call by what is noted of it, {SESSIONS} sessions, layout `{layout.name}`")
    sink = Sink()
    settings = {
        OFF: {"audit": False, "telemetry": False},
        ON: {},
        SENT: {"otlp": {"endpoint": f"http://127.0.0.1:{sink.server_address[1]}"}},
    }
    # It hears of calls, too: without it, nothing is noted of them unless somebody wants to see them.
    for more in settings.values():
        more["learning"] = "off"
    hubs = {}
    try:
        for i, (name, more) in enumerate(settings.items()):
            servers = {"echo": layout.echo_arguments()}
            hubs[name] = Hub(bench, servers, layout, folder=f"hub-telemetry-{i}", settings=more)
            hubs[name].wait_until_known()
        rounds = {name: [] for name in hubs}
        # Rounds are many and alternate, since the difference is a few percent.
        for turn in range(1 + 4 * options.rounds):
            for name, hub in hubs.items():
                words = ["--port", hub.port, "--path", "/mcp/echo", "--watch", hub.pid]
                result = bench.load(layout, "call", *words, "--sessions", SESSIONS, "--seconds", options.seconds / 2)
                if turn > 0:
                    rounds[name].append(result)
    finally:
        for hub in hubs.values():
            hub.stop()
        sink.shutdown()
    results = {name: median_of(r) for name, r in rounds.items()}
    shares = {
        name: statistics.median(on["cpu_us_per_call"] / off["cpu_us_per_call"] for on, off in zip(r, rounds[OFF])) - 1
        for name, r in rounds.items()
    }
    report.table(
        ["", "cpu us/call", "more", "calls/s", "p50 us", "p99 us"],
        [
            [name, r["cpu_us_per_call"], f"{100 * shares[name]:.1f} %", r["calls_per_s"], r["p50_us"], r["p99_us"]]
            for name, r in results.items()
        ],
    )
    judge_errors(report, results)
    judge_quiet(report, results)
    report.bound("metrics, traces and audit: more processor time per call", 100 * shares[ON], 100 * SHARE_MAX, " %")
    report.note(f"sending every trace to a collector adds {100 * (shares[SENT] - shares[ON]):.1f} % more")
