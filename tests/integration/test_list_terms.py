"""Lists of the stateless era say how long they hold and for whom, and the hub follows what its servers say of theirs."""

import json

import pytest

from rig import mcp, places, processes


class Timed:
    """A hub before a server whose list the test writes."""

    def __init__(self, make_hub, folder, record, settings=None, **terms):
        self.file, self.events = folder / "facts.json", record
        self.write(["one"], **terms)
        self.hub = make_hub({"t": places.our_server("timed.py", str(self.file), str(record))}, settings)

    def write(self, tools, **terms):
        whole = self.file.with_suffix(".new")
        whole.write_text(json.dumps({**terms, "tools": tools}))
        whole.rename(self.file)

    def listed(self, path="/mcp/t", **more):
        return mcp.Modern(self.hub, path, **more).ask("tools/list")

    def names(self) -> list[str]:
        return [tool["name"] for tool in self.listed()["tools"]]

    def reads(self) -> int:
        return len(self.events.events("list"))


def test_a_client_hears_what_is_left_of_the_time_and_for_whom(make_hub, tmp_path, record):
    world = Timed(make_hub, tmp_path, record, ttlMs=600_000, cacheScope="public")
    first = world.listed()
    assert 0 < first["ttlMs"] <= 600_000 and first["cacheScope"] == "public" and first["resultType"] == "complete"
    processes.wait_for(lambda: world.listed()["ttlMs"] < first["ttlMs"], 10, "the time to pass")
    assert world.reads() == 1
    # The hub's own tools are the same for everybody.
    own = world.listed("/mcp")
    assert own["ttlMs"] == 60_000 and own["cacheScope"] == "public"
    chosen = world.listed("/mcp?tools=3")
    assert 0 < chosen["ttlMs"] <= 60_000 and chosen["cacheScope"] == "private"
    assert "ttlMs" not in mcp.Session(world.hub, "/mcp/t").ask("tools/list")


@pytest.mark.parametrize("scope", ["public", "private"])
def test_a_list_behind_a_token_is_nobody_elses(make_hub, tmp_path, record, scope):
    world = Timed(make_hub, tmp_path, record, {"require_token": True}, ttlMs=600_000, cacheScope=scope)
    token = json.loads(world.hub.cli("token", "create", "ann", "--json").stdout)["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    for path in ("/mcp/t", "/mcp"):
        listed = world.listed(path, extra=bearer)
        assert listed["cacheScope"] == "private" and listed["ttlMs"] > 0


def test_a_list_whose_time_is_over_is_read_again_behind_who_asks(make_hub, tmp_path, record):
    world = Timed(make_hub, tmp_path, record, ttlMs=300, cacheScope="private")
    assert world.names() == ["one"]
    stream = mcp.Modern(world.hub, "/mcp/t").stream("subscriptions/listen", {"notifications": {"toolsListChanged": True}}, timeout=60)
    heard = iter(stream)
    assert next(heard)["method"] == "notifications/subscriptions/acknowledged"
    # As it was: it is read, and nobody hears of it.
    processes.wait_for(lambda: world.names() == ["one"] and world.reads() >= 2, 30, "the list to be read again")
    world.write(["one", "two"], ttlMs=600_000, cacheScope="private")
    processes.wait_for(lambda: world.names() == ["one", "two"], 30, "the new list")
    assert next(heard)["method"] == "notifications/tools/list_changed"
    stream.close()
    listed = world.listed()
    assert listed["ttlMs"] > 0 and listed["cacheScope"] == "private"
    reads = world.reads()
    assert world.names() == ["one", "two"] and world.reads() == reads
    assert len(world.events.events("started")) == 1


def test_a_server_that_does_not_run_is_not_started_for_a_list_that_is_old(make_hub, tmp_path, record):
    world = Timed(make_hub, tmp_path, record, {"idle_shutdown_seconds": 1}, ttlMs=0, cacheScope="private")
    assert world.names() == ["one"]
    processes.wait_for(lambda: not world.hub.servers_alive(), 30, "the server to be stopped")
    started, reads = len(world.events.events("started")), world.reads()
    assert world.listed()["ttlMs"] == 0 and world.names() == ["one"]
    # Answered after the lists, so whatever they would have set off has begun.
    world.hub.cli("status")
    assert len(world.events.events("started")) == started and world.reads() == reads and not world.hub.servers_alive()
