"""Named locks of the hub: `hub__lock` and `hub__unlock` as two clients see them."""

import json
import threading

import pytest

from rig import mcp, processes, wire
from rig.mcp import payload_of


@pytest.fixture
def hub(make_hub):
    return make_hub({}, {"locks": True})


def take(client, name="deploy", timeout=60, **arguments) -> dict:
    return payload_of(client.call("hub__lock", {"name": name, **arguments}, timeout))


def held(hub) -> list[dict]:
    return json.loads(hub.cli("status", "--json").stdout)["locks"]


class Waiting(threading.Thread):
    """A client that waits for a lock."""

    def __init__(self, client, **arguments):
        super().__init__()
        self.work = lambda: take(client, wait_ms=120000, timeout=150, **arguments)
        self.result = None
        self.start()

    def run(self):
        self.result = self.work()

    def answer(self) -> dict:
        self.join(60)
        assert not self.is_alive(), "the lock did not come"
        return self.result


def await_waiting(hub, count: int):
    processes.wait_for(lambda: [x["waiting"] for x in held(hub)] == [count], 30, f"{count} clients that wait")


def test_without_the_setting_there_are_no_locks(make_hub):
    client = mcp.Session(make_hub({}))
    assert "hub__lock" not in [tool["name"] for tool in client.ask("tools/list")["tools"]]
    with pytest.raises(mcp.RpcError, match="Tool not found"):
        client.call("hub__lock", {"name": "deploy"})


def test_locks_pass_from_client_to_client_in_their_order(hub):
    one, two, three = mcp.Session(hub), mcp.Session(hub), mcp.Session(hub)
    assert {"hub__lock", "hub__unlock"} <= {tool["name"] for tool in one.ask("tools/list")["tools"]}
    first = take(one)
    assert first["granted"] and first["scope"] == "hub" and first["lease_ms"] == 30000
    refused = take(two, wait_ms=0)
    assert not refused["granted"] and refused["reason"] == "busy" and refused["holder"] == "rig"
    second = Waiting(two)
    await_waiting(hub, 1)
    third = Waiting(three)
    await_waiting(hub, 2)
    assert payload_of(two.call("hub__unlock", {"name": "deploy"}))["released"] is False
    assert payload_of(one.call("hub__unlock", {"name": "deploy"}))["released"] is True
    assert second.answer()["token"] > first["token"]
    assert third.is_alive()
    two.end()
    assert third.answer()["token"] > second.result["token"]


def test_a_lease_ends_and_is_renewed(hub):
    one, two = mcp.Session(hub), mcp.Session(hub)
    first = take(one, lease_ms=3600000)
    shorter = take(one, lease_ms=100, token=first["token"])
    assert shorter["granted"] and shorter["token"] == first["token"]
    assert take(two, wait_ms=60000)["granted"]
    assert take(one, token=first["token"]) == {"lock": "deploy", "scope": "hub", "granted": False, "reason": "lost"}


def test_clients_without_a_session_are_known_by_their_tokens(hub):
    one, two = mcp.Modern(hub), mcp.Modern(hub)
    first = take(one)
    assert not take(two, wait_ms=0)["granted"]
    assert payload_of(two.call("hub__unlock", {"name": "deploy"}))["released"] is False
    assert payload_of(one.call("hub__unlock", {"name": "deploy", "token": first["token"]}))["released"] is True
    assert take(two, wait_ms=0)["granted"]


def test_a_request_that_is_taken_back_waits_no_more(hub):
    one, two = mcp.Session(hub), mcp.Session(hub)
    take(one)
    waiting = wire.Stream(hub.port, mcp.request("tools/call", {"name": "hub__lock", "arguments": {"name": "deploy", "wait_ms": 300000}}, "w"), "/mcp", two.headers, 60)
    await_waiting(hub, 1)
    two.notify("notifications/cancelled", {"requestId": "w"})
    await_waiting(hub, 0)
    waiting.close()


def test_the_status_shows_what_is_held(hub):
    client = mcp.Session(hub)
    token = take(client, "db")["token"]
    (lock,) = held(hub)
    assert (lock["name"], lock["scope"], lock["client_name"], lock["token"]) == ("db", "hub", "rig", token)
    client.end()
    processes.wait_for(lambda: not held(hub), 30, "the lock of a session that ended")


def test_tokens_grow_over_a_restart(hub):
    before = take(mcp.Session(hub))["token"]
    assert hub.cli("restart", seconds=90).returncode == 0
    assert take(mcp.Session(hub))["token"] > before


@pytest.mark.parametrize(
    "arguments", [{}, {"name": ""}, {"name": "x" * 129}, {"name": "a\nb"}, {"name": "a", "lease_ms": 5}, {"name": "a", "wait_ms": -1}, {"name": "a", "token": "x"}]
)
def test_wrong_arguments_are_told_to_the_model(hub, arguments):
    result = mcp.Session(hub).call("hub__lock", arguments)
    assert result["isError"]
    assert "Give" in result["content"][0]["text"] or "whole number" in result["content"][0]["text"]
