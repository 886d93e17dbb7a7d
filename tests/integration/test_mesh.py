"""The mesh plugin against the double and the real daemons: peers, messages, and locks between two hubs."""

import json
import signal

import pytest
import slm_double
from rig import mcp, places, processes
from rig.mcp import payload_of
from test_slm import await_state, memory  # noqa: F401

SERVERS = {"plain": places.our_server("plain.py")}


@pytest.fixture
def make_peer(make_hub, memory):  # noqa: F811
    """Makes hubs of one mesh."""

    def make():
        hub = make_hub(SERVERS, {"locks": True, "plugins": {"mesh": True}}, {"SLM_DAEMON_URL": memory.url})
        await_state(hub, "connected as", name="mesh")
        return hub

    return make


def mesh(hub, what="peers") -> dict:
    return json.loads(hub.cli("mesh", what, "--json").stdout)


def peers(memory) -> list[dict]:  # noqa: F811
    return memory.ask("GET", "/mesh/peers")["peers"]


def take(client, **arguments) -> dict:
    return payload_of(client.call("hub__lock", {"name": "deploy", "lease_ms": 60000, **arguments}, 60))


def test_two_hubs_see_each_other_and_their_ends(make_peer, memory):  # noqa: F811
    one, two = make_peer(), make_peer()
    mine, other = mesh(one)["self"], mesh(two)["self"]
    assert mine != other
    found = processes.wait_for(lambda: [peer for peer in mesh(one)["peers"] if peer["peer"] == other], 30, "the other hub as a peer")
    assert found[0]["agent"] == "mcp-hub"
    assert other in one.cli("mesh", "peers").stdout
    assert two.stop() == 0
    assert [peer["peer_id"] for peer in peers(memory)] == [mine]
    assert one.stop() == 0
    assert peers(memory) == []


def test_a_hub_that_was_killed_comes_back_as_the_same_peer(make_peer, memory):  # noqa: F811
    hub = make_peer()
    mine = mesh(hub)["self"]
    hub.stop(signal.SIGKILL)
    hub.start()
    await_state(hub, "connected as", name="mesh")
    assert mesh(hub)["self"] == mine
    assert len(peers(memory)) == 1


def test_messages_go_from_hub_to_hub(make_peer):
    one, two = make_peer(), make_peer()
    text = "the staging database & its backup\tare restored"
    assert one.cli("mesh", "send", mesh(two)["self"], text).returncode == 0
    (message,) = processes.wait_for(lambda: [m for m in mesh(two, "inbox")["messages"] if m["text"] == text], 30, "the message")
    assert message["from"] == mesh(one)["self"] and message["to"] == "peer"
    assert "staging database" in two.cli("mesh", "inbox").stdout
    client = mcp.Session(two)
    assert "hub://mesh/messages" in [entry["uri"] for entry in client.ask("resources/list")["resources"]]
    (content,) = client.ask("resources/read", {"uri": "hub://mesh/messages"})["contents"]
    assert text in [m["text"] for m in json.loads(content["text"])["messages"]]
    refused = one.cli("mesh", "send", "nobody", "x")
    assert refused.returncode != 0 and "recipient peer not found" in refused.stderr
    assert one.cli("mesh", "send", "broadcast", "x" * 4097).returncode != 0


def test_sessions_are_announced(make_peer):
    one, two = make_peer(), make_peer()
    client = mcp.Session(one)
    processes.wait_for(lambda: any("session started: rig" in m["text"] for m in mesh(two, "inbox")["messages"]), 40, "the announcement")
    client.end()
    processes.wait_for(lambda: any("session ended: rig" in m["text"] for m in mesh(two, "inbox")["messages"]), 60, "the other one")


def test_use_is_told_to_all_as_a_digest(make_hub, memory):  # noqa: F811
    settings = {"plugins": {"mesh": {"settings": {"usage_digest_s": 10}}}}
    teller, hearer = (make_hub(SERVERS, settings, {"SLM_DAEMON_URL": memory.url}) for _ in range(2))
    for hub in (teller, hearer):
        await_state(hub, "connected as", name="mesh")
    client = mcp.Session(teller)
    for _ in range(60):
        client.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "x"}})

    def told() -> int:
        return sum(int(m["text"].rpartition("used: plain ")[2]) for m in mesh(hearer, "inbox")["messages"] if "used: plain " in m["text"])

    processes.wait_for(lambda: told() == 60, 60, "the digest of all calls")
    # The calls took no message each from other agents.
    assert len(mesh(hearer, "inbox")["messages"]) <= 4


def test_a_lock_excludes_the_clients_of_both_hubs(make_peer):
    one, two = mcp.Session(make_peer()), mcp.Session(make_peer())
    first = take(one)
    assert first["granted"] and first["scope"] == "mesh" and first["mesh"] == "advisory"
    refused = take(two, wait_ms=0)
    assert not refused["granted"] and refused["reason"] == "busy" and "of the mesh" in refused["holder"]
    assert payload_of(one.call("hub__unlock", {"name": "deploy"}))["released"]
    assert processes.wait_for(lambda: take(two, wait_ms=5000), 20, "the lock")["granted"]
    # The end of a session frees it, and so does the end of a hub.
    two.end()
    assert take(one, wait_ms=10000)["granted"]


def test_the_end_of_a_hub_frees_its_locks(make_peer):
    hub = make_peer()
    assert take(mcp.Session(hub))["granted"]
    other = mcp.Session(make_peer())
    assert hub.stop() == 0
    assert take(other, wait_ms=10000)["granted"]


def test_a_grant_that_the_daemon_gave_twice_is_none(make_hub):
    double = slm_double.Double().start()
    try:
        hub = make_hub({}, {"locks": True, "plugins": {"mesh": True}}, {"SLM_DAEMON_URL": double.url})
        await_state(hub, "connected as", name="mesh")
        client = mcp.Session(hub)
        double.locks["hub:deploy"] = {"locked_by": "faster", "locked_at": slm_double.utc(), "expires_at": slm_double.utc(8), "fencing_token": 99}
        double.double_grants = True
        refused = take(client, wait_ms=0)
        assert not refused["granted"] and "faster" in refused["holder"]
    finally:
        double.stop()


def test_a_daemon_that_goes_leaves_locks_in_the_hub_alone(make_hub):
    double = slm_double.Double().start()
    try:
        hub = make_hub({}, {"locks": True, "plugins": {"mesh": True}}, {"SLM_DAEMON_URL": double.url})
        await_state(hub, "connected as", name="mesh")
        double.stop()
        client = mcp.Session(hub)
        taken = take(client, wait_ms=0)
        assert taken["granted"] and taken["scope"] == "hub"
    finally:
        double.stop()
