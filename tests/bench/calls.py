"""Latency, throughput and processor time of small calls."""

import statistics

from contenders import LAYOUTS, Forwarder, Hub, Layout, Nginx

FORWARDER, NGINX, DIRECT = "C forwarder", "nginx (HTTP)", "direct pipe"
TRANSPARENT, NAMESPACED, META = "hub /mcp/echo", "hub echo__echo", "hub__call_tool"

# Load of others, in processors, from which on latencies and rates are not to be trusted.
FOREIGN_CPUS_MAX = 0.1


class Stand:
    """All contenders, running at once so that rounds can alternate; whoever is not measured is idle."""

    def __init__(self, bench, layout):
        self.bench = bench
        self.layout = Layout(layout)
        self.forwarder = self.nginx = self.hub = None
        try:
            self.forwarder = Forwarder(bench, self.layout)
            self.nginx = Nginx(bench, self.layout)
            if bench.hub.exists():
                self.hub = Hub(bench, {"echo": self.layout.echo_arguments()}, self.layout, folder=f"hub-{layout}")
                self.hub.wait_until_known()
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in (self.hub, self.nginx, self.forwarder):
            if one:
                one.stop()

    def ways(self):
        """Name of each way through a contender, and how the load generator takes it."""
        ways = {FORWARDER: (self.forwarder, []), NGINX: (self.nginx, [])}
        if self.hub:
            ways[TRANSPARENT] = (self.hub, ["--path", "/mcp/echo"])
            ways[NAMESPACED] = (self.hub, ["--tool", "echo__echo"])
            ways[META] = (self.hub, ["--meta", "--tool", "echo__echo"])
        return ways

    def call(self, way, sessions, seconds, *extra):
        contender, words = self.ways()[way]
        beside = ["--beside", contender.echo.pid] if isinstance(contender, Nginx) else []
        # What is given last counts, so a blob takes the place of the echo.
        return self.bench.load(
            self.layout,
            "call",
            "--port",
            contender.port,
            "--watch",
            contender.pid,
            *beside,
            "--sessions",
            sessions,
            "--seconds",
            seconds,
            *words,
            *extra,
        )

    def pipe(self, seconds):
        """The echo server runs where the contender would, so that a wake-up crosses processors here if it does there."""
        pinned = ["--cpu", str(min(self.layout.contender))] if self.layout.contender else []
        words = ["pipe", "--seconds", seconds, "--", self.bench.program("echo_stdio"), *pinned]
        return self.bench.load(self.layout, *words)


def median_of(rounds):
    """The median of each figure over the rounds; errors add up."""
    result = {
        key: statistics.median(r[key] for r in rounds)
        for key, value in rounds[0].items()
        if isinstance(value, (int, float))
    }
    result["errors"] = sum(r["errors"] for r in rounds)
    result["first_error"] = next((r["first_error"] for r in rounds if r["first_error"]), "")
    return result


def judge_quiet(report, results):
    """Says so when others used the machine meanwhile, since then the figures say little."""
    foreign = statistics.median(r["foreign_cpus"] for r in results.values())
    if foreign > FOREIGN_CPUS_MAX:
        report.note(f"others used {foreign:.2f} processors meanwhile: measure again on a quiet machine")


def judge_errors(report, results):
    for name, result in results.items():
        if result["errors"]:
            report.note(f"{name}: {result['errors']:.0f} errors, the first: {result['first_error']}")
    report.bound("wrong or missing answers", int(sum(r["errors"] for r in results.values())), 0)


def _latency(bench, report, options, layout_name):
    report.title(f"one session, layout `{layout_name}`: microseconds, median of {options.rounds} rounds")
    with Stand(bench, layout_name) as stand:
        rounds = {}
        for _ in range(options.rounds):
            rounds.setdefault(DIRECT, []).append(stand.pipe(options.seconds))
            for way in stand.ways():
                rounds.setdefault(way, []).append(stand.call(way, 1, options.seconds))
    results = {name: median_of(r) for name, r in rounds.items()}
    direct = results[DIRECT]["p50_us"]
    yardstick = results[FORWARDER]
    added = yardstick["p50_us"] - direct
    rows = [
        [
            name,
            r["p50_us"],
            r["p90_us"],
            r["p99_us"],
            r["max_us"],
            None if name == DIRECT else r["p50_us"] - direct,
            None if name == DIRECT else (r["p50_us"] - direct) / added,
            None if name == DIRECT else r["cpu_us_per_call"],
        ]
        for name, r in results.items()
    ]
    report.table(["", "p50", "p90", "p99", "max", "added", "/forwarder", "cpu/call"], rows)
    judge_errors(report, results)
    judge_quiet(report, results)
    if layout_name == "free":
        return  # Where the kernel puts whom changes from round to round, so a ratio would be luck.
    for way in (TRANSPARENT, META):
        if way in results:
            report.bound(
                f"{way}: p50 added over the pipe, by the forwarder's ({layout_name})",
                (results[way]["p50_us"] - direct) / added,
                2.0,
                "x",
            )
            report.bound(
                f"{way}: p99 by the forwarder's ({layout_name})", results[way]["p99_us"] / yardstick["p99_us"], 3.0, "x"
            )
    if META in results:
        report.bound(
            f"hub__call_tool by the transparent call, p50 at 1 ({layout_name})",
            results[META]["p50_us"] / results[TRANSPARENT]["p50_us"],
            1.3,
            "x",
        )


def _throughput(bench, report, options):
    layout_name = options.pin
    report.title(f"calls/s, layout `{layout_name}`: median of {options.rounds} rounds of {options.seconds} s")
    counts = (8, 32, 128)
    with Stand(bench, layout_name) as stand:
        rounds = {}
        for count in counts:
            for _ in range(options.rounds):
                for way in stand.ways():
                    rounds.setdefault((way, count), []).append(stand.call(way, count, options.seconds))
        ways = list(stand.ways())
    results = {key: median_of(r) for key, r in rounds.items()}
    header = (
        [""] + [f"{c}: calls/s" for c in counts] + [f"{c}: /forw." for c in counts] + [f"{c}: /nginx" for c in counts]
    )
    rate = {key: r["calls_per_s"] for key, r in results.items()}
    report.table(
        header,
        [
            [way]
            + [rate[way, c] for c in counts]
            + [rate[way, c] / rate[FORWARDER, c] for c in counts]
            + [rate[way, c] / rate[NGINX, c] for c in counts]
            for way in ways
        ],
    )
    report.table(
        [""] + [f"{c}: {what}" for what in ("p50 us", "p99 us", "cpu us/call") for c in counts],
        [
            [way] + [results[way, c][what] for what in ("p50_us", "p99_us", "cpu_us_per_call") for c in counts]
            for way in ways
        ],
    )
    judge_quiet(report, results)
    judge_errors(report, {f"{way} at {c}": r for (way, c), r in results.items()})
    for way in (TRANSPARENT, META):
        if way not in ways:
            continue
        for c in counts:
            report.bound(
                f"{way}: calls/s at {c} by the forwarder's", rate[way, c] / rate[FORWARDER, c], 0.4, "x", at_least=True
            )
        cpu = results[way, 8]["cpu_us_per_call"]
        report.bound(
            f"{way}: processor time per call at 8 by the forwarder's",
            cpu / results[FORWARDER, 8]["cpu_us_per_call"],
            2.5,
            "x",
        )
    if META in ways:
        cost = results[META, 8]["cpu_us_per_call"] / results[TRANSPARENT, 8]["cpu_us_per_call"]
        report.bound("hub__call_tool by the transparent call, processor time at 8", cost, 1.3, "x")


def measure(bench, report, options):
    for layout_name in LAYOUTS:
        _latency(bench, report, options, layout_name)
    _throughput(bench, report, options)
