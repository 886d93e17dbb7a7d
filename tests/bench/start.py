"""From exec to the first answers, with many servers known."""

import statistics

from contenders import Hub

SERVERS = 200
TOOLS = 12
RUNS = 7


def measure(bench, report, options):
    if not bench.hub.exists():
        report.note("the hub is not built; nothing to measure")
        return
    report.title(f"start with {SERVERS} known servers of {TOOLS} tools: milliseconds, {RUNS} starts")
    servers = {f"server{i:03}": ["--tools", str(TOOLS - 4), "--name", f"server{i:03}"] for i in range(SERVERS)}
    with Hub(bench, servers, folder="hub-start") as hub:
        hub.wait_until_known(180)
    command = [
        "env",
        *(f"{key}={hub.environment[key]}" for key in ("SLM_HUB_CONFIG_DIR", "SLM_HUB_PORT", "HOME")),
        bench.hub,
        "--config-dir",
        hub.folder,
    ]
    for name, path in (("/mcp", "/mcp"), ("/mcp/server007", "/mcp/server007")):
        runs = [bench.load(None, "start", "--port", hub.port, "--path", path, "--", *command) for _ in range(RUNS)]
        keys = ("connected_ms", "initialize_ms", "tools_list_ms", "stop_ms")
        report.table(
            [name, "median", "worst"],
            [
                [key.removesuffix("_ms"), statistics.median(r[key] for r in runs), max(r[key] for r in runs)]
                for key in keys
            ],
        )
        report.note(
            f"tools/list: {runs[0]['tools_list_bytes']} bytes, status {runs[0]['tools_list_status']}; "
            f"exit codes {sorted({r['exit_code'] for r in runs})}"
        )
        report.bound(
            f"{name}: initialize answered after exec", statistics.median(r["initialize_ms"] for r in runs), 30.0, " ms"
        )
        report.bound(f"{name}: tools/list", statistics.median(r["tools_list_ms"] for r in runs), 5.0, " ms")
        report.bound(f"{name}: exit code after SIGTERM", max(abs(r["exit_code"]) for r in runs), 0)
