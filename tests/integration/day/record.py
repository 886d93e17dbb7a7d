"""Records the day that `test_day.py` replays: six clients do the work of a day, from a seed, at real servers behind a hub, which writes it into its audit.

Usage: PYTHONPATH=. python day/record.py (in tests/integration, with the packages of `scripts/test-packages.sh`). Ten hours pass in about 40 seconds; what the file says is
when the audit saw each call, in the time of that day.
"""

import datetime
import json
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from day import place  # noqa: E402
from rig import mcp, processes  # noqa: E402
from rig.hub import Hub  # noqa: E402

BEGIN, END = 8 * 3600, 18 * 3600
REAL_SECONDS = 40


def moments(chance: random.Random, count: int) -> list[int]:
    """When somebody works: in bursts, with a pause at noon."""
    result = []
    while len(result) < count:
        start = chance.randrange(BEGIN, END - 900)
        if not 12 * 3600 < start < 13 * 3600:
            result += [start + chance.randrange(900) for _ in range(chance.randrange(2, 7))]
    return sorted(result[:count])


def editor(chance, work):
    """Writes and reads files, and looks at the repository."""
    name = chance.choice(["notes.txt", "todo.md", "src/main.py", "draft.txt"])
    path = f"{work}/{name}"
    return chance.choice([
        ("filesystem", "read_text_file", {"path": path}),
        ("filesystem", "read_text_file", {"path": path}),
        ("filesystem", "read_text_file", {"path": f"{work}/notes.txt"}),
        ("filesystem", "list_directory", {"path": work}),
        ("filesystem", "write_file", {"path": f"{work}/draft.txt", "content": f"draft {chance.randrange(100)}\nwith a ü\n"}),
        ("filesystem", "search_files", {"path": work, "pattern": "**/*.md"}),
        ("filesystem", "read_text_file", {"path": f"{work}/missing.txt"}),
        ("git", "git_status", {"repo_path": work}),
        ("git", "git_log", {"repo_path": work, "max_count": 5}),
    ])


def reviewer(chance, work):
    """Looks at commits, and makes one now and then."""
    return chance.choice([
        ("git", "git_log", {"repo_path": work, "max_count": chance.choice([1, 5])}),
        ("git", "git_show", {"repo_path": work, "revision": "HEAD~1"}),
        ("git", "git_show", {"repo_path": work, "revision": chance.choice(["HEAD", "nowhere"])}),
        ("git", "git_diff_unstaged", {"repo_path": work}),
        ("git", "git_branch", {"repo_path": work, "branch_type": "local"}),
        ("git", "git_add", {"repo_path": work, "files": ["."]}),
        ("git", "git_status", {"repo_path": work}),
    ])


def planner(chance, work):
    """Keeps people and plans in the memory, and thinks."""
    who = chance.choice(["ada", "grace", "alan", "edsger"])
    return chance.choice([
        ("memory", "create_entities", {"entities": [{"name": who, "entityType": "person", "observations": [f"seen {chance.randrange(9)} times"]}]}),
        ("memory", "search_nodes", {"query": who}),
        ("memory", "search_nodes", {"query": "person"}),
        ("memory", "open_nodes", {"names": [who]}),
        ("memory", "read_graph", {}),
        ("sequential-thinking", "sequentialthinking",
         {"thought": f"what about {who}?", "nextThoughtNeeded": False, "thoughtNumber": 1, "totalThoughts": 1}),
    ])


def traveller(chance, work):
    """Asks for times."""
    return chance.choice([
        ("time", "convert_time", {"source_timezone": "Europe/Berlin", "time": chance.choice(["09:00", "17:30"]),
                                  "target_timezone": chance.choice(["America/New_York", "Asia/Tokyo"])}),
        ("time", "convert_time", {"source_timezone": "Mars/Phobos", "time": "09:00", "target_timezone": "UTC"}),
        ("time", "get_current_time", {"timezone": chance.choice(["UTC", "Asia/Tokyo"])}),
        ("everything", "echo", {"message": chance.choice(["on the way", "Grüße"])}),
    ])


def assistant(chance, work):
    """A bit of everything."""
    return chance.choice([editor, planner, traveller, tinkerer])(chance, work)


def tinkerer(chance, work):
    """Tries things out."""
    return chance.choice([
        ("everything", "echo", {"message": f"try {chance.randrange(4)}"}),
        ("everything", "get-sum", {"a": chance.randrange(3), "b": chance.randrange(3)}),
        ("everything", "get-structured-content", {"location": chance.choice(["New York", "Chicago"])}),
        ("everything", "get-tiny-image", {}),
        ("everything", "trigger-long-running-operation", {"duration": 0.2, "steps": 2}),
    ])


# How many calls each makes, and whether through the door of all servers or of each.
PEOPLE = {"editor": (editor, 60, "/mcp"), "reviewer": (reviewer, 40, None), "planner": (planner, 45, None), "traveller": (traveller, 35, None),
          "assistant": (assistant, 60, "/mcp"), "tinkerer": (tinkerer, 40, "/mcp")}


def live(hub, name: str, work: str, start: float):
    work_of, count, door = PEOPLE[name]
    chance = random.Random(name)
    clients = {}
    for moment in moments(chance, count):
        server, tool, arguments = work_of(chance, work)
        pause = start + (moment - BEGIN) * REAL_SECONDS / (END - BEGIN) - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        path = door or f"/mcp/{server}"
        if path not in clients:
            clients[path] = mcp.Session(hub, path, name=name)
        named = f"{server.replace('-', '_')}__{tool}" if door else tool
        try:
            clients[path].call(named, arguments)
        except mcp.RpcError:
            # What a day has of mistakes.
            pass


def main():
    with tempfile.TemporaryDirectory() as where:
        work = Path(where) / "work"
        place.make_folder(work)
        hub = Hub(Path(where) / "hub", place.servers(work), {"audit": {"arguments": True}}).start()
        try:
            names = lambda: {tool["server"] for tool in json.loads(hub.cli("tools", "--json").stdout)["tools"]}
            processes.wait_for(lambda: len(names()) == len(place.servers(work)), 60, "the tools")
            begun, start = datetime.datetime.now(datetime.timezone.utc), time.monotonic()
            threads = [threading.Thread(target=live, args=(hub, name, str(work), start)) for name in PEOPLE]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            count = sum(each[1] for each in PEOPLE.values())
            lines = lambda: json.loads(hub.cli("audit", "list", "--json", "--limit", "10000").stdout)["lines"]
            processes.wait_for(lambda: len(lines()) == count, 30, "the lines of the audit")
            written = [json.loads(line) for line in (hub.config_dir / "audit.jsonl").read_text().splitlines()]
        finally:
            hub.finish()
        day = []
        with open(place.FILE, "w") as file:
            for line in written:
                passed = (datetime.datetime.fromisoformat(line["time"]) - begun).total_seconds() - line["ms"] / 1000
                at = BEGIN + round(max(passed, 0) * (END - BEGIN) / REAL_SECONDS)
                kept = {"at": f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}", **{key: line[key] for key in ("client", "door", "server", "tool")},
                        "arguments": json.loads(line["arguments"])}
                day.append(kept)
            for kept in sorted(day, key=lambda call: call["at"]):
                file.write(json.dumps(kept, ensure_ascii=False).replace(str(work), place.WORK) + "\n")
        print(f"{len(written)} calls recorded in {place.FILE}")


main()
