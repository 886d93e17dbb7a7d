"""Real servers and several sessions, with and without the hub: processes, memory, time to the first answer."""

import concurrent.futures
import os
import pathlib
import statistics
import subprocess
import sys
import time

from contenders import Hub
from mcp_sessions import HttpSession, PipeSession
from processes import MIB, Process, descendants_of, total_memory

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from rig.places import ROOT, npm_program, npm_server, pip_server, python  # noqa: E402

SERVERS = 36
SESSIONS = 5
# What a server of these kinds takes at most, to tell beforehand whether the machine can run them all.
SERVER_BYTES_MAX = 110 * MIB


def _kinds(scratch):
    """Each kind of server: its entry in the configuration, and a call that it answers at once."""
    return {
        "everything": (npm_server("mcp-server-everything"), "echo", {"message": "hello"}),
        "filesystem": (npm_server("mcp-server-filesystem", str(scratch)), "list_allowed_directories", {}),
        "memory": (npm_server("mcp-server-memory"), "read_graph", {}),
        "thinking": (
            npm_server("mcp-server-sequential-thinking"),
            "sequentialthinking",
            {"thought": "hello", "nextThoughtNeeded": False, "thoughtNumber": 1, "totalThoughts": 1},
        ),
        "time": (pip_server("mcp_server_time"), "get_current_time", {"timezone": "UTC"}),
        "git": (pip_server("mcp_server_git"), "git_log", {"repo_path": str(ROOT), "max_count": 1}),
        # Nobody listens there: the error is an answer too.
        "fetch": (pip_server("mcp_server_fetch", "--ignore-robots-txt"), "fetch", {"url": "http://127.0.0.1:9/"}),
    }


def _servers(scratch):
    kinds = _kinds(scratch)
    servers = {}
    for i in range(SERVERS):
        kind = list(kinds)[i % len(kinds)]
        entry, tool, arguments = kinds[kind]
        env = {"MEMORY_FILE_PATH": str(scratch / f"memory-{i}.json")} if kind == "memory" else {}
        servers[f"{kind}{i:02}"] = ({**entry, "env": env}, tool, arguments)
    return servers


def _start(entry, log):
    return Process(
        [entry["command"], *entry["args"]],
        log,
        env={**os.environ, **entry["env"]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _greet(process):
    session = PipeSession(process.popen)
    session.initialize()
    return session, session.tools()


def _without_hub(bench, servers, sessions):
    """Each session starts every server, as clients do; then it calls one tool."""
    processes, ready, first = [], [], []
    try:
        with concurrent.futures.ThreadPoolExecutor(SERVERS) as pool:
            for _ in range(sessions):
                begin = time.monotonic()
                own = list(pool.map(lambda s: _start(s[0], bench.log("real")), servers.values()))
                processes += own
                greeted = list(pool.map(_greet, own))
                ready.append(time.monotonic() - begin)
                _, tool, arguments = next(iter(servers.values()))
                greeted[0][0].call(tool, arguments)
                first.append(time.monotonic() - begin)
        pids = [p.pid for p in processes]
        return total_memory(pids + [d for p in pids for d in descendants_of(p)]), ready, first
    finally:
        for process in processes:
            process.popen.stdin.close()
        for process in processes:
            process.popen.stdin = None
            process.stop()


def _full_name(server, tool):
    return f"{server}__{tool}"


def _with_hub(bench, servers, sessions):
    """The same sessions at one hub that knows the servers and runs none, each calling another server's tool first."""
    begin = time.monotonic()
    with Hub(bench, {name: s[0] for name, s in servers.items()}, folder="hub-real") as hub:
        hub.wait_until_known(300)
    learned = time.monotonic() - begin
    ready, first = [], []
    with Hub(bench, {name: s[0] for name, s in servers.items()}, folder="hub-real") as hub:
        hub.wait_until_known()
        known = total_memory([hub.pid, *descendants_of(hub.pid)])
        clients = []
        # The first finds no server running, the others find this one.
        name, (_, tool, arguments) = next(iter(servers.items()))
        for _ in range(sessions):
            begin = time.monotonic()
            client = HttpSession(hub.port, "/mcp")
            client.initialize()
            client.tools()
            client.call("hub__search_tools", {"query": f"{name} {tool}"})
            ready.append(time.monotonic() - begin)
            client.call("hub__call_tool", {"tool": _full_name(name, tool), "arguments": arguments})
            first.append(time.monotonic() - begin)
            clients.append(client)
        used = total_memory([hub.pid, *descendants_of(hub.pid)])
        for name, (_, tool, arguments) in servers.items():
            clients[0].call("hub__call_tool", {"tool": _full_name(name, tool), "arguments": arguments})
        everything = total_memory([hub.pid, *descendants_of(hub.pid)])
        hub_alone = total_memory([hub.pid])
    return learned, known, used, everything, hub_alone, ready, first


def measure(bench, report, options):
    if not npm_program("mcp-server-everything").exists() or not os.path.exists(python("servers")):
        report.note("the real servers are not installed; scripts/bench real installs them")
        return
    available = next(
        int(line.split()[1]) * 1024
        for line in open("/proc/meminfo", encoding="ascii")
        if line.startswith("MemAvailable:")
    )
    sessions = max(1, min(SESSIONS, available // (SERVERS * SERVER_BYTES_MAX)))
    report.title(
        f"{SERVERS} real servers, {sessions} sessions"
        + ("" if sessions == SESSIONS else f" (memory is too small for {SESSIONS})")
    )
    folder = bench.scratch / "files"
    folder.mkdir(exist_ok=True)
    servers = _servers(folder)
    memory, ready, first = _without_hub(bench, servers, sessions)
    rows = [
        [
            "without the hub",
            memory["processes"],
            memory["rss"] / MIB,
            memory["pss"] / MIB,
            ready[0],
            first[0],
            statistics.median(first[1:] or first),
        ]
    ]
    if bench.hub.exists():
        learned, known, used, everything, alone, ready, first = _with_hub(bench, servers, sessions)

        def row(name, m, *times):
            return [name, m["processes"], m["rss"] / MIB, m["pss"] / MIB, *times]

        later = statistics.median(first[1:] or first)
        rows += [
            row("hub, after a start", known, None, None, None),
            row("hub, one server in use", used, ready[0], first[0], later),
            row("hub, all servers in use", everything, None, None, None),
            row("of it the hub itself", alone, None, None, None),
        ]
        report.note(f"the very first start of the hub learns all tools in the background: {learned:.1f} s")
    report.table(["", "processes", "RSS MB", "PSS MB", "tools known s", "first answer s", "later sessions s"], rows)
