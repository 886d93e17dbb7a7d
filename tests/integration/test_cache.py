"""The cache: what does not reach a server, whom it answers, and when it must not."""

import json
import threading

import pytest

from rig import mcp, places, processes
from rig.mcp import text_of

KEPT = {"cache": "ttl"}


def counter(record, *arguments, **entry) -> dict:
    return {**places.our_server("counter.py", "--record", str(record), *arguments), **entry}


@pytest.fixture
def known_hub(make_hub):
    """Makes hubs that know the tools of their servers: what is not known cannot be cached."""
    def make(servers: dict, settings: dict | None = None):
        hub = make_hub(servers, settings)

        def known():
            listed = json.loads(hub.cli("tools", "--json").stdout)["tools"]
            return {tool["server"] for tool in listed} == set(servers)
        processes.wait_for(known, 30, "the tools")
        return hub
    return make


def use_of(result: dict) -> str | None:
    return result.get("_meta", {}).get("hub/cache")


def calls(record, tool=None) -> int:
    return len([x for x in record.events("call") if tool in (None, x["detail"]["name"])])


def ways(hub) -> dict:
    """A client of each era at each door, with a function that calls a tool of the server."""
    def at(client, prefix=""):
        return lambda tool, arguments=None: client.call(prefix + tool, arguments)

    def by_meta(client):
        return lambda tool, arguments=None: client.call("hub__call_tool", {"tool": "c__" + tool, "arguments": arguments or {}})
    return {
        "handshake at the server": at(mcp.Session(hub, "/mcp/c")),
        "stateless at the server": at(mcp.Modern(hub, "/mcp/c")),
        "handshake at the hub": at(mcp.Session(hub), "c__"),
        "stateless at the hub": at(mcp.Modern(hub), "c__"),
        "by the meta-tool": by_meta(mcp.Session(hub)),
        "by the meta-tool, stateless": by_meta(mcp.Modern(hub)),
    }


class Together(threading.Thread):
    """A call that is made while others are."""

    def __init__(self, work):
        super().__init__()
        self.work, self.result, self.wrong = work, None, None
        self.start()

    def run(self):
        try:
            self.result = self.work()
        except Exception as wrong:  # noqa: BLE001
            self.wrong = wrong

    def answer(self):
        self.join(60)
        assert not self.is_alive() and self.wrong is None, self.wrong
        return self.result


@pytest.mark.parametrize("era", ["handshake", "modern"])
def test_a_kept_result_answers_every_era_at_every_door_and_does_not_reach_the_server(known_hub, record, era):
    hub = known_hub({"c": counter(record, "--era", era, **KEPT)})
    uses = []
    for name, call in ways(hub).items():
        result = call("peek", {"key": "a"})
        assert text_of(result) == "0" and result["_meta"]["example.org/kept"] is True, name
        uses.append(use_of(result))
    assert uses == ["miss"] + ["hit"] * 5
    assert calls(record) == 1


@pytest.mark.parametrize("era", ["handshake", "modern"])
def test_fifty_clients_at_once_make_one_call_and_get_fifty_answers(known_hub, record, era):
    hub = known_hub({"c": counter(record, "--era", era)})
    every = list(ways(hub).values())
    while len(every) < 50:
        every.append(mcp.Session(hub, "/mcp/c").call)
    every[0]("look")
    together = [Together(lambda call=call: call("slow", {"ms": 1500})) for call in every]
    results = [x.answer() for x in together]
    assert [text_of(x) for x in results] == ["0"] * 50
    assert sorted(use_of(x) for x in results) == ["miss"] + ["shared"] * 49
    assert calls(record, "slow") == 1
    assert use_of(every[0]("slow", {"ms": 1})) == "miss"


def test_each_who_shares_a_call_hears_of_progress_under_its_own_token_and_of_log_lines(known_hub, record):
    hub = known_hub({"c": counter(record)})
    clients = [mcp.Session(hub, "/mcp/c") for _ in range(3)]
    clients[0].call("look")
    for client in clients[:2]:
        client.ask("logging/setLevel", {"level": "debug"})
    clients[2].ask("logging/setLevel", {"level": "emergency"})
    params = {"name": "slow", "arguments": {"ms": 1000}}
    streams = [clients[0].stream("tools/call", params)]
    streams += [x.stream("tools/call", {**params, "_meta": {"progressToken": f"mine-{i}"}}) for i, x in enumerate(clients[1:])]
    heard = [list(x) for x in streams]
    tokens = [[m["params"]["progressToken"] for m in x if m.get("method") == "notifications/progress"] for x in heard]
    logged = [len([m for m in x if m.get("method") == "notifications/message"]) for x in heard]
    assert tokens == [[], ["mine-0"], ["mine-1"]]
    assert logged == [1, 1, 0]
    assert calls(record, "slow") == 1


def test_hints_decide_and_not_names_and_without_the_setting_nothing_is_kept(known_hub, record):
    hub = known_hub({"c": counter(record), "d": counter(record, **KEPT), "e": counter(record, cache="off")})
    at = {name: mcp.Session(hub, f"/mcp/{name}") for name in "cde"}
    assert [use_of(at["c"].call("peek")) for _ in range(2)] == ["miss", "miss"]
    assert [use_of(at["d"].call("look")) for _ in range(2)] == [None, None]
    assert [use_of(at["d"].call("broken")) for _ in range(2)] == ["miss", "miss"]
    assert [use_of(at["e"].call("peek")) for _ in range(2)] == [None, None]


def test_a_user_vouches_for_a_tool(known_hub, record):
    hub = known_hub({"c": counter(record, cache={"tools": {"loo*": 60, "peek": "off"}})})
    client = mcp.Session(hub, "/mcp/c")
    assert [use_of(client.call("look")) for _ in range(2)] == ["miss", "hit"]
    assert use_of(client.call("peek")) is None


def test_a_write_drops_reads_unless_it_is_set_otherwise(known_hub, record):
    hub = known_hub({"c": counter(record, **KEPT), "d": counter(record, cache={"mode": "ttl", "drop_on_write": False})})
    for name, expected in (("c", ["0", "0", "1"]), ("d", ["0", "0", "0"])):
        client = mcp.Session(hub, f"/mcp/{name}")
        seen = [text_of(client.call("peek")), text_of(client.call("peek"))]
        client.call("add")
        assert [*seen, text_of(client.call("peek"))] == expected, name


def test_a_read_that_a_write_overtakes_is_not_kept(known_hub, record):
    hub = known_hub({"c": counter(record, **KEPT)})
    one, two = mcp.Session(hub, "/mcp/c"), mcp.Session(hub)
    one.call("look")
    reading = Together(lambda: one.call("slow", {"ms": 1000}))
    processes.wait_for(lambda: calls(record, "slow") == 1, 10, "the read")
    two.call("c__add")
    assert text_of(reading.answer()) == "0"
    after = one.call("slow", {"ms": 1000})
    assert (text_of(after), use_of(after)) == ("1", "miss")


def test_a_hit_starts_no_server_and_a_restart_forgets(known_hub, record):
    hub = known_hub({"c": counter(record, **KEPT)}, {"idle_shutdown_seconds": 1})
    client = mcp.Session(hub)
    client.call("c__peek")
    processes.wait_for(lambda: not hub.servers_alive(), 30, "the server to be stopped")
    started = len(record.events("started"))
    assert use_of(client.call("c__peek")) == "hit"
    assert len(record.events("started")) == started
    assert hub.cli("restart", "c").returncode == 0
    assert use_of(client.call("c__peek")) == "miss"


def test_who_goes_away_takes_the_call_from_nobody_else(known_hub, record):
    hub = known_hub({"c": counter(record)})
    one, two = mcp.Session(hub, "/mcp/c"), mcp.Session(hub)
    one.call("look")
    params = {"name": "slow", "arguments": {"ms": 2000}}
    first = one.stream("tools/call", params, id="first")
    processes.wait_for(lambda: calls(record, "slow") == 1, 10, "the call")
    second = Together(lambda: two.call("c__slow", {"ms": 2000}))
    processes.wait_for(lambda: json.loads(hub.cli("status", "--json").stdout)["calls"]["in_flight"] == 2, 10, "both")
    assert one.end().status in (200, 204)
    first.close()
    result = second.answer()
    assert text_of(result) == "0"
    assert calls(record, "slow") == 1
    assert not record.events("notifications/cancelled")


def test_resources_follow_what_they_say_of_themselves(known_hub, record):
    hub = known_hub({"c": counter(record, "--era", "modern", "--ttl", "600000"), "d": counter(record, "--era", "modern", "--ttl", "0")})
    fresh = [client.ask("resources/read", {"uri": "counter:value"}) for client in (mcp.Modern(hub, "/mcp/c"), mcp.Session(hub, "/mcp/c"))]
    assert [use_of(x) for x in fresh] == ["miss", "hit"]
    assert fresh[0]["ttlMs"] == 600000 and 0 < fresh[1]["ttlMs"] <= 600000
    stale = mcp.Modern(hub, "/mcp/d")
    assert [use_of(stale.ask("resources/read", {"uri": "counter:value"})) for _ in range(2)] == ["miss", "miss"]
    assert len(record.events("read")) == 3


@pytest.mark.parametrize("scope", ["private", "public"])
def test_principals_share_what_is_public_and_nothing_else(known_hub, record, scope):
    hub = known_hub({"c": counter(record, "--era", "modern", "--ttl", "600000", "--scope", scope)}, {"require_token": True})
    tokens = [json.loads(hub.cli("token", "create", name, "--json").stdout)["token"] for name in ("ann", "bob")]
    bearers = [{"Authorization": f"Bearer {x}"} for x in tokens]
    clients = [make(hub, path, extra=bearer) for bearer in bearers for make in (mcp.Session, mcp.Modern) for path in ("/mcp/c",)]
    uses = [use_of(x.ask("resources/read", {"uri": "counter:value"})) for x in clients]
    assert uses == ["miss", "hit", "hit" if scope == "public" else "miss", "hit"]


def test_principals_have_results_of_tools_for_themselves_unless_it_is_set_otherwise(known_hub, record):
    servers = {"c": counter(record, **KEPT), "d": counter(record, cache={"mode": "ttl", "scope": "public"})}
    hub = known_hub(servers, {"require_token": True})
    tokens = [json.loads(hub.cli("token", "create", name, "--json").stdout)["token"] for name in ("ann", "bob")]
    clients = [mcp.Session(hub, extra={"Authorization": f"Bearer {x}"}) for x in tokens]
    assert [use_of(x.call("c__peek")) for x in (*clients, *clients)] == ["miss", "miss", "hit", "hit"]
    assert [use_of(x.call("d__peek")) for x in clients] == ["miss", "hit"]


def test_the_command_tells_and_clears(known_hub, record):
    hub = known_hub({"c": counter(record, **KEPT)})
    client = mcp.Session(hub)
    for _ in range(3):
        client.call("c__peek")
    figures = json.loads(hub.cli("cache", "stats", "--json").stdout)["servers"]
    assert [(x["server"], x["entries"], x["hits"], x["misses"]) for x in figures] == [("c", 1, 2, 1)]
    assert "66 %" in hub.cli("cache", "stats").stdout
    unknown = hub.cli("cache", "clear", "d")
    assert unknown.returncode == 1 and "There is no server d" in unknown.stderr
    assert hub.cli("cache", "clear", "c").stdout.startswith("Forgot 1 result ")
    assert use_of(client.call("c__peek")) == "miss"
