"""What scripts/bench runs once everything is built."""

import argparse
import os
import pathlib
import platform
import shutil
import sys
import tempfile

import calls
import eras
import http_backends
import isolation
import memory
import payload
import real
import slm
import start
import telemetry
from contenders import LAYOUTS, Bench
from report import Report

PARTS = {
    "calls": calls,
    "http": http_backends,
    "eras": eras,
    "payload": payload,
    "isolation": isolation,
    "memory": memory,
    "start": start,
    "telemetry": telemetry,
    "slm": slm,
    "real": real,
}


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Measures the hub against a C forwarder and nginx in the same run."
    )
    parser.add_argument(
        "part", nargs="?", default="all", choices=[*PARTS, "all"], help="what to measure; all is everything but `real`"
    )
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--hub", help="the daemon to measure, if it is not the one that was just built")
    parser.add_argument(
        "--rounds", type=int, default=3, help="rounds of each contender, alternating; medians are reported"
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a round")
    parser.add_argument(
        "--pin",
        choices=LAYOUTS,
        default="split",
        help="how processes are laid on processors where throughput is measured",
    )
    parser.add_argument("--json", help="also write the figures to this file")
    parser.add_argument("--keep", action="store_true", help="keep the folder with configurations and logs, and name it")
    options = parser.parse_args()
    if sys.version_info < (3, 9):
        parser.error("needs Python 3.9 or newer")

    cpus = sorted(os.sched_getaffinity(0))
    print(
        f"{platform.node()}: {_cpu_name()}, {len(cpus)} processors, "
        f"Linux {platform.release()}, load {os.getloadavg()[0]:.2f}"
    )
    report = Report()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="slm-hub-bench-"))
    try:
        bench = Bench(options.build, scratch, options.hub)
        for name, part in PARTS.items():
            if options.part == name or (options.part == "all" and name != "real"):
                try:
                    part.measure(bench, report, options)
                except (RuntimeError, TimeoutError, OSError) as cause:
                    report.failed(name, cause)
    finally:
        if options.keep:
            print(f"kept {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
        if options.json:
            report.write(options.json)
    return 0 if report.summary() else 1


def _cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        return next(
            (line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), platform.machine()
        )


if __name__ == "__main__":
    sys.exit(main())
