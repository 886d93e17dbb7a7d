"""Large results: how fast they pass, and whether the memory they take is given back."""

import calls
from processes import MIB, peak_of, reset_peak, settled_memory_of

SESSIONS = 4
# A result in flight may be held thrice (read, being written, and one buffer that grows), not more.
COPIES_MAX = 3


def measure(bench, report, options):
    for size, name in ((1_000_000, "1 MB"), (10_000_000, "10 MB")):
        report.title(
            f"results of {name}, {SESSIONS} sessions, layout `{options.pin}`: median of {options.rounds} rounds"
        )
        with calls.Stand(bench, options.pin) as stand:
            tool = {calls.NAMESPACED: "echo__blob", calls.META: "echo__blob"}
            before = settled_memory_of(stand.hub.pid)["rss"] if stand.hub else 0
            if stand.hub:
                reset_peak(stand.hub.pid)
            rounds = {}
            for _ in range(options.rounds):
                for way in stand.ways():
                    rounds.setdefault(way, []).append(
                        stand.call(
                            way,
                            SESSIONS,
                            options.seconds,
                            "--tool",
                            tool.get(way, "blob"),
                            "--bytes",
                            size,
                            "--limit",
                            30,
                        )
                    )
            peak = peak_of(stand.hub.pid) if stand.hub else 0
            after = settled_memory_of(stand.hub.pid)["rss"] if stand.hub else 0
        results = {way: calls.median_of(r) for way, r in rounds.items()}
        rate = {way: r["mb_per_s"] for way, r in results.items()}
        report.table(
            ["", "MB/s", "/forwarder", "/nginx", "p50 ms", "p99 ms", "cpu ms/call"],
            [
                [
                    way,
                    r["mb_per_s"],
                    rate[way] / rate[calls.FORWARDER],
                    rate[way] / rate[calls.NGINX],
                    r["p50_us"] / 1e3,
                    r["p99_us"] / 1e3,
                    r["cpu_us_per_call"] / 1e3,
                ]
                for way, r in results.items()
            ],
        )
        calls.judge_quiet(report, results)
        calls.judge_errors(report, results)
        for way in (calls.TRANSPARENT, calls.META):
            if way in rate:
                report.bound(
                    f"{way}: MB/s of {name} results by the forwarder's",
                    rate[way] / rate[calls.FORWARDER],
                    0.5,
                    "x",
                    at_least=True,
                )
        if stand.hub:
            report.note(
                f"resident memory of the hub: {before / MIB:.1f} MB before, {peak / MIB:.1f} MB at most, "
                f"{after / MIB:.1f} MB after"
            )
            report.bound(
                f"memory at most taken by {SESSIONS} results of {name}, in results",
                (peak - before) / size,
                float(COPIES_MAX * SESSIONS),
            )
            report.bound(f"memory kept after results of {name}", (after - before) / MIB, 5.0, " MB")
