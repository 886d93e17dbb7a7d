"""Servers over HTTP: the hub and nginx in front of the same one, and answers that are event streams."""

import calls
from contenders import Hub, Layout, Nginx

NGINX, TRANSPARENT, NAMESPACED, META = "nginx", "hub /mcp/echo", "hub echo__echo", "hub__call_tool"
NGINX_STREAM, STREAM = "nginx, 3 x progress", "hub /mcp/echo, 3 x progress"
STEPS = 3

# Whose calls are compared: their latency at one session, their processor time at this many.
BUSY = 8


class Stand:
    """The hub and nginx in front of one server over HTTP; whoever is not measured is idle."""

    def __init__(self, bench, layout_name):
        self.bench = bench
        self.layout = Layout(layout_name)
        self.nginx = self.hub = None
        try:
            self.nginx = Nginx(bench, self.layout)
            entry = {"type": "http", "url": f"http://127.0.0.1:{self.nginx.upstream}/mcp"}
            self.hub = Hub(bench, {"echo": entry}, self.layout, folder=f"hub-http-{layout_name}")
            self.hub.wait_until_known()
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in (self.hub, self.nginx):
            if one:
                one.stop()

    def ways(self):
        """Name of each way through a contender, and how the load generator takes it."""
        stream = ["--tool", "report", "--progress", STEPS]
        return {
            NGINX: (self.nginx, []),
            TRANSPARENT: (self.hub, ["--path", "/mcp/echo"]),
            NAMESPACED: (self.hub, ["--tool", "echo__echo"]),
            META: (self.hub, ["--meta", "--tool", "echo__echo"]),
            NGINX_STREAM: (self.nginx, stream),
            STREAM: (self.hub, ["--path", "/mcp/echo", *stream]),
        }

    def call(self, way, sessions, seconds):
        contender, words = self.ways()[way]
        words = ["--port", contender.port, "--watch", contender.pid, "--beside", self.nginx.echo.pid, *words]
        return self.bench.load(self.layout, "call", "--sessions", sessions, "--seconds", seconds, *words)


def _measure(bench, report, options, layout_name, sessions):
    report.title(f"server over HTTP, {sessions} sessions, layout `{layout_name}`: median of {options.rounds} rounds")
    with Stand(bench, layout_name) as stand:
        rounds = {}
        for _ in range(options.rounds):
            for way in stand.ways():
                rounds.setdefault(way, []).append(stand.call(way, sessions, options.seconds))
    results = {way: calls.median_of(r) for way, r in rounds.items()}
    report.table(
        ["", "p50 us", "p99 us", "calls/s", "cpu us/call", "p50 /nginx", "cpu /nginx"],
        [
            [
                way,
                r["p50_us"],
                r["p99_us"],
                r["calls_per_s"],
                r["cpu_us_per_call"],
                r["p50_us"] / results[NGINX]["p50_us"],
                r["cpu_us_per_call"] / results[NGINX]["cpu_us_per_call"],
            ]
            for way, r in results.items()
        ],
    )
    calls.judge_quiet(report, results)
    calls.judge_errors(report, results)
    return results


def _judge(report, what, figure, results, at):
    plain = results[TRANSPARENT][figure]
    report.bound(f"server over HTTP: {what} by nginx's ({at})", plain / results[NGINX][figure], 1.5, "x")
    report.bound(f"answer with {STEPS} x progress: {what} by the plain one's ({at})", results[STREAM][figure] / plain, 2.0, "x")


def measure(bench, report, options):
    for layout_name in ("one", "split"):
        results = _measure(bench, report, options, layout_name, 1)
        _judge(report, "p50", "p50_us", results, f"1 session, {layout_name}")
    results = _measure(bench, report, options, options.pin, BUSY)
    _judge(report, "processor time", "cpu_us_per_call", results, f"{BUSY} sessions, {options.pin}")
