"""The place of the recorded day: the folder that people work in, the servers, and the file of what they called."""

import json
import os
import subprocess
from pathlib import Path

from rig import places

FILE = Path(__file__).parent / "day.jsonl"

# Stands in the file for the folder.
WORK = "{work}"


def make_folder(folder: Path):
    """A small project with two commits, the same each time."""
    folder.mkdir(parents=True)
    (folder / "src").mkdir()
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    env = {**os.environ, "GIT_AUTHOR_DATE": "2026-11-02T08:00:00Z", "GIT_COMMITTER_DATE": "2026-11-02T08:00:00Z"}
    run = lambda *words: subprocess.run([*git, *words], check=True, env=env, capture_output=True)
    run("init", "-q")
    (folder / "notes.txt").write_text("buy tea\ncall ada\n")
    (folder / "src" / "main.py").write_text("print('hello')\n")
    run("add", ".")
    run("commit", "-q", "-m", "the first commit")
    (folder / "todo.md").write_text("- write tests\n- write more tests\n")
    run("add", ".")
    run("commit", "-q", "-m", "the plan")
    run("config", "user.name", "t")
    run("config", "user.email", "t@example.org")


def servers(folder: Path) -> dict:
    return {
        "everything": places.npm_server("mcp-server-everything", "stdio"),
        "filesystem": places.npm_server("mcp-server-filesystem", str(folder)),
        "memory": {**places.npm_server("mcp-server-memory"), "env": {"MEMORY_FILE_PATH": str(folder.parent / "memory.jsonl")}},
        "sequential-thinking": places.npm_server("mcp-server-sequential-thinking"),
        "time": places.pip_server("mcp_server_time", "--local-timezone", "Europe/Berlin"),
        "git": places.pip_server("mcp_server_git", "--repository", str(folder)),
    }


def seconds_of(at: str) -> int:
    """Of a time of day, since midnight."""
    hours, minutes, seconds = map(int, at.split(":"))
    return hours * 3600 + minutes * 60 + seconds


def load(folder: Path) -> list[dict]:
    """The calls of the day in the order in which they were made, for this folder."""
    text = FILE.read_text().replace(WORK, str(folder))
    return [json.loads(line) for line in text.splitlines()]
