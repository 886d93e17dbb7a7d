"""Hubs for the tests: one of its own, or one that the tests of a file share. Each is checked for what it leaves behind."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rig import places  # noqa: E402
from rig.hub import Hub  # noqa: E402


def finish(hub: Hub):
    print(f"--- log of the hub in {hub.folder.name}\n{hub.log()[-6000:]}")
    if hub.process:
        hub.finish()


@pytest.fixture
def make_hub(tmp_path):
    """Makes hubs that end with the test: `make_hub(servers, settings, env, start=True)`."""
    hubs = []

    def make(servers: dict, settings: dict | None = None, env: dict | None = None, start=True) -> Hub:
        hub = Hub(tmp_path / f"hub{len(hubs)}", servers, settings, env)
        hubs.append(hub)
        return hub.start() if start else hub

    yield make
    for hub in hubs:
        finish(hub)


@pytest.fixture(scope="module")
def plain_hub(tmp_path_factory):
    """A hub that the tests of one file share; behind it `plain` (handshake era) and `fresh` (stateless era)."""
    servers = {"plain": places.our_server("plain.py"), "fresh": places.our_server("plain.py", "--era", "modern", "--name", "fresh")}
    hub = Hub(tmp_path_factory.mktemp("plain"), servers).start()
    yield hub
    finish(hub)


@pytest.fixture
def record(tmp_path):
    """A file for a server's `--record`, with a reader of the events in it."""
    return Record(tmp_path / "record.jsonl")


class Record:
    def __init__(self, path: Path):
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def events(self, name: str | None = None) -> list[dict]:
        """The events so far, all or those of one name."""
        if not self.path.exists():
            return []
        found = [json.loads(line) for line in self.path.read_text().splitlines()]
        return [event for event in found if name is None or event["event"] == name]
