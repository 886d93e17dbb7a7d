"""Learning: what is called after a search comes first the next time, over restarts, per kind of project, and never if it is off."""

import json

import pytest

from rig import mcp, places, processes, wire

TWINS = {"one": places.our_server("plain.py", "--name", "one"), "two": places.our_server("plain.py", "--name", "two")}
ASK = {"query": "give back the arguments"}


@pytest.fixture
def twin_hub(make_hub):
    """A hub with two servers that offer the same."""
    def make(settings: dict | None = None):
        hub = make_hub(TWINS, settings)
        processes.wait_for(lambda: len({t["server"] for t in json.loads(hub.cli("tools", "--json").stdout)["tools"]}) == 2, 30, "the tools")
        return hub
    return make


def found(session) -> list[str]:
    return [t["tool"] for t in mcp.payload_of(session.call("hub__search_tools", ASK))["tools"]]


def learnt(hub) -> dict:
    return json.loads(hub.cli("learn", "show", "--json").stdout)


def teach(hub, session, times: int = 3):
    """Searches and then calls the tool of the second server."""
    before = learnt(hub)["led"]
    for _ in range(times):
        found(session)
        session.call("hub__call_tool", {"tool": "two__echo", "arguments": {"text": "x"}})
    if learnt(hub)["learning"] == "on":
        processes.wait_for(lambda: learnt(hub)["led"] == before + times, 10, "the calls to be learnt")


def test_what_is_called_after_a_search_comes_first_also_after_a_restart_until_it_is_reset(twin_hub):
    hub = twin_hub()
    session = mcp.Session(hub)
    assert found(session)[0] == "one__echo"
    everything = sorted(mcp.payload_of(session.call("hub__search_tools", {**ASK, "limit": 50, "detail": "names"}))["tools"], key=str)
    teach(hub, session)
    processes.wait_for(lambda: found(session)[0] == "two__echo", 10, "the habit")
    again = mcp.payload_of(session.call("hub__search_tools", {**ASK, "limit": 50, "detail": "names"}))["tools"]
    assert sorted(again, key=str) == everything
    shown = hub.cli("learn", "show").stdout
    assert "Learning is on" in shown and "two/echo" in shown and 'a search with "argument"' in shown
    hub.stop()
    hub.start()
    fresh = mcp.Session(hub)
    assert found(fresh)[0] == "two__echo"
    assert hub.cli("learn", "reset").stdout.startswith("Forgot ")
    assert found(fresh)[0] == "one__echo"
    assert learnt(hub)["calls"] == 0
    hub.stop()
    hub.start()
    assert found(mcp.Session(hub))[0] == "one__echo"


def test_a_habit_of_one_kind_of_project_counts_there_more_than_elsewhere(twin_hub, tmp_path):
    for name, mark in (("crate", "Cargo.toml"), ("site", "package.json")):
        (tmp_path / name / "src").mkdir(parents=True)
        (tmp_path / name / mark).write_text("")
    hub = twin_hub()
    rust = mcp.Session(hub, extra={"X-Hub-Project": str(tmp_path / "crate" / "src")})
    node = mcp.Modern(hub, extra={"X-Hub-Project": str(tmp_path / "site")})
    teach(hub, rust, 4)
    before = learnt(hub)["led"]
    for _ in range(4):
        found(node)
        node.call("hub__call_tool", {"tool": "one__echo", "arguments": {"text": "x"}})
    processes.wait_for(lambda: learnt(hub)["led"] == before + 4, 10, "the calls to be learnt")
    assert {p["kind"] for p in learnt(hub)["projects"]} == {"rust", "node"}
    processes.wait_for(lambda: found(rust)[0] == "two__echo" and found(node)[0] == "one__echo", 10, "both habits")


def test_switched_off_nothing_is_learnt_and_nothing_is_used(twin_hub):
    hub = twin_hub({"learning": "off"})
    session = mcp.Session(hub)
    teach(hub, session)
    assert found(session)[0] == "one__echo"
    assert {k: learnt(hub)[k] for k in ("learning", "searches", "calls", "contexts")} == {
        "learning": "off", "searches": 0, "calls": 0, "contexts": 0}


def test_a_setting_that_is_none_is_refused_with_what_it_can_be(make_hub):
    hub = make_hub({}, start=False)
    config = hub.config_dir / "config.json"
    config.write_text(json.dumps({"learning": "maybe"}))
    said = hub.cli("config", "validate")
    assert said.returncode == 1 and 'use "on" or "off"' in said.stdout + said.stderr


def real_tools(session) -> list[str]:
    return [t["name"] for t in session.ask("tools/list")["tools"] if not t["name"].startswith("hub__")]


def test_a_client_that_wants_real_tools_sees_those_that_are_used_most_and_can_call_them(twin_hub):
    hub = twin_hub()
    assert real_tools(mcp.Session(hub)) == []
    first = mcp.Session(hub, "/mcp?tools=2")
    assert real_tools(first) == ["one__echo", "two__echo"]
    assert mcp.text_of(first.call("two__where"))
    for _ in range(3):
        first.call("two__pid")
        first.call("two__where")
    processes.wait_for(lambda: learnt(hub)["calls"] == 7, 10, "the calls to be learnt")
    next_one = lambda: mcp.Session(hub, "/mcp?tools=2")  # noqa: E731
    processes.wait_for(lambda: real_tools(next_one()) == ["two__pid", "two__where"], 10, "the new choice")
    assert real_tools(first) == ["one__echo", "two__echo"]
    assert len(real_tools(mcp.Modern(hub, "/mcp?tools=5"))) == 5
    assert len(mcp.Session(hub, "/mcp?tools=2").ask("tools/list")["tools"]) == 5


def test_a_choice_changes_only_when_the_tools_of_a_server_do(twin_hub):
    hub = twin_hub({"federated_tools": 2})
    session = mcp.Session(hub)
    assert real_tools(session) == ["one__echo", "two__echo"]
    assert real_tools(mcp.Session(hub, "/mcp?tools=0")) == []
    for wrong in ("abc", "-1", ""):
        with pytest.raises(Exception, match="400.*no number; write .tools=5"):
            mcp.Session(hub, f"/mcp?tools={wrong}")
    stream = wire.Stream.get(hub.port, "/mcp", session.headers)
    messages = iter(stream)
    for _ in range(5):
        session.call("two__pid")
    processes.wait_for(lambda: learnt(hub)["calls"] == 5, 10, "the calls to be learnt")
    session.call("two__add_tool", {"name": "fresh"})
    assert next(messages)["method"] == "notifications/tools/list_changed"
    stream.close()
    assert real_tools(session) == ["one__echo", "two__echo"]
