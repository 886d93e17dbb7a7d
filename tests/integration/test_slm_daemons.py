"""The double of the memory daemon answers like the real daemons, old and new, wherever the hub asks them."""

import json
from http.client import HTTPException

import pytest
import slm_double
from rig import slm

FACT = "In project alpha the team chose Boost for sockets."

# Values that must be equal; of all others, the type.
EQUAL = {
    *("ok", "action", "locked", "by", "error", "detail", "status", "service", "engine", "marked", "count", "target_type", "content"),
    *("msg_type", "broker_up", "no_confident_match", "event_type", "tool_name", "from_peer", "mode", "agent_type", "summary"),
}


def shape(said, name=""):
    """What matters of a reply: its members, and the types of their values or the values themselves."""
    if isinstance(said, dict):
        return {key: shape(value, key) for key, value in said.items()}
    if isinstance(said, list):
        return [shape(value) for value in said]
    if name in EQUAL:
        # A sentence for people may differ in its words behind the first.
        return " ".join(said.split()[:3]) if isinstance(said, str) and name in ("detail", "error") else said
    return type(said).__name__


def missing(double, real, where="reply") -> list[str]:
    """Where a shape of the double is not in that of the real daemon, which may tell more."""
    if isinstance(double, dict) and isinstance(real, dict):
        return [why for key in double for why in missing(double[key], real.get(key, "nothing"), f"{where}.{key}")]
    if isinstance(double, list) and isinstance(real, list):
        if len(double) != len(real):
            return [f"{where}: {len(double)} against {len(real)}"]
        return [why for n, pair in enumerate(zip(double, real)) for why in missing(*pair, f"{where}[{n}]")]
    both_numbers = {double, real} == {"int", "float"} if isinstance(double, str) and isinstance(real, str) else False
    return [] if double == real or both_numbers else [f"{where}: {double} against {real}"]


class Talk:
    """The same conversation with one daemon after the other; what it says is kept by name."""

    def __init__(self, port: int, token: str):
        self.port = port
        self.key = {"X-Install-Token": token} if token else {}
        self.said: dict[str, tuple[int, object]] = {}

    def step(self, name: str, method: str, path: str, body=None, key=True, headers=None):
        reply = slm.ask(self.port, method, path, body, {**(self.key if key else {}), **(headers or {})})
        self.said[name] = (reply.status, json.loads(reply.body))
        return self.said[name][1]

    def hold(self):
        """Everything that the hub's plugins ask, and how it fails."""
        self.step("health", "GET", "/health", key=False)
        self.step("status", "GET", "/status", key=False)
        self.step("no such place", "GET", "/mesh/broadcast")
        self.step("event", "POST", "/api/v3/tool-event", {"tool_name": "a__b", "event_type": "complete", "output_summary": "ok 3 ms"}, key=False)
        self.step("event without a name", "POST", "/api/v3/tool-event", {"tool_name": None})
        self.step("event that failed", "POST", "/api/v3/tool-event", {"tool_name": "a__c", "event_type": "error"})
        self.step("events", "GET", "/api/behavioral/tool-events?limit=5")
        self.step("remember", "POST", "/remember", {"content": FACT})
        self.step("recall nothing", "GET", "/recall?q=&limit=5")
        self.step("recall", "GET", "/recall?q=project+alpha&limit=5&fast=true&answer_check=skip&session_id=hub-session")
        self.step("close", "POST", "/session/close", {"session_id": "hub-session"})
        me = self.step("register", "POST", "/mesh/register", {"session_id": "hub-1", "summary": "hub", "agent_type": "mcp-hub", "port": 1})["peer_id"]
        again = self.step("register again", "POST", "/mesh/register", {"session_id": "hub-1", "summary": "hub", "agent_type": "mcp-hub"})["peer_id"]
        assert me == again
        other = self.step("register another", "POST", "/mesh/register", {"session_id": "agent-2"})["peer_id"]
        self.step("register nobody", "POST", "/mesh/register", {})
        self.step("register an empty id", "POST", "/mesh/register", {"session_id": ""})
        peers = self.step("peers", "GET", "/mesh/peers")["peers"]
        assert {peer["peer_id"] for peer in peers} == {me, other}
        peers.sort(key=lambda peer: peer["session_id"])
        self.step("heartbeat", "POST", "/mesh/heartbeat", {"peer_id": me})
        self.step("heartbeat of nobody", "POST", "/mesh/heartbeat", {"peer_id": "nope"})
        self.step("summary", "POST", "/mesh/summary", {"peer_id": me, "summary": "2 servers"})
        self.step("send to all", "POST", "/mesh/send", {"from_peer": "somebody", "to": "broadcast", "content": "hello all"})
        self.step("send to a project", "POST", "/mesh/send", {"from_peer": "somebody", "to": "project:/srv/a", "content": "hello project"})
        self.step("send to one", "POST", "/mesh/send", {"from_peer": "somebody", "to": other, "content": "hello you", "type": "text"})
        self.step("send to nobody", "POST", "/mesh/send", {"from_peer": "somebody", "to": "nope", "content": "x"})
        self.step("send too much", "POST", "/mesh/send", {"from_peer": "somebody", "to": "broadcast", "content": "a" * 4097})
        inbox = self.step("inbox", "GET", f"/mesh/inbox/{other}?project_path=%2Fsrv%2Fa")["messages"]
        self.step("mark read", "POST", f"/mesh/inbox/{other}/read", {"message_ids": [message["id"] for message in inbox]})
        for name, owner, action in (
            ("lock", "A", "acquire"),
            ("query the lock", "A", "query"),
            ("lock what is locked", "B", "acquire"),
            ("release another's", "B", "release"),
            ("steal", "A", "steal"),
            ("renew", "A", "acquire"),
            ("release", "A", "release"),
            ("query a free lock", "A", "query"),
        ):
            self.step(name, "POST", "/mesh/lock", {"file_path": "hub:x", "locked_by": owner, "action": action})
        self.step("deregister", "POST", "/mesh/deregister", {"peer_id": me})
        self.step("deregister again", "POST", "/mesh/deregister", {"peer_id": me})
        self.step("mesh status", "GET", "/mesh/status")
        self.step("token", "GET", "/internal/token", key=False)
        self.step("mesh without a token", "GET", "/mesh/peers", key=False)
        self.step("remember without a token", "POST", "/remember", {"content": FACT}, key=False)
        wrong = {"X-Install-Token": "0" * 64}
        self.step("a wrong token", "POST", "/api/v3/tool-event", {"tool_name": "a__b"}, headers=wrong)
        self.step("a foreign host", "GET", "/status", key=False, headers={"Host": "elsewhere.example:1"})
        return self


@pytest.fixture(params=["old", "new"])
def pair(request, tmp_path):
    """A double and a real daemon of the same generation."""
    real = slm.Daemon(tmp_path, request.param)
    double = slm_double.Double({"old": slm_double.OLD, "new": slm_double.NEW}[request.param])
    try:
        yield double.start(), real.start()
    finally:
        double.stop()
        real.stop()


def test_the_double_answers_like_the_daemon(pair):
    double, real = pair
    ours = Talk(double.port, double.token if double.new else "").hold().said
    theirs = Talk(real.port, real.token).hold().said
    wrong = []
    for name, (status, said) in ours.items():
        if status != theirs[name][0]:
            wrong.append(f"{name}: HTTP {status} against {theirs[name][0]} {str(theirs[name][1])[:200]}")
        else:
            wrong += [f"{name}: {why}" for why in missing(shape(said), shape(theirs[name][1]))]
    assert not wrong, "\n".join(wrong)
    assert ours["health"][1]["version"] == theirs["health"][1]["version"]


def test_both_refuse_writes_over_the_limit(pair):
    double, real = pair
    for port in (double.port, real.port):
        for turn in range(400):
            reply = slm.ask(port, "POST", "/api/v3/tool-event", {"tool_name": "a__b"})
            if reply.status == 429:
                break
        assert reply.status == 429 and reply.headers["retry-after"] == "60"
        assert turn == double.write_limit, f"the limit of {port}"


@pytest.mark.parametrize("fault", slm_double.FAULTS)
def test_the_double_misbehaves_on_demand_and_records_what_it_was_asked(fault):
    double = slm_double.Double()
    double.slow_seconds = 0.2
    double.start()
    try:
        double.fault = fault
        what = {"method": "POST", "path": "/api/v3/tool-event", "body": {"tool_name": "a__b"}}
        if fault in ("hang", "die"):
            with pytest.raises((OSError, HTTPException)):
                slm.ask(double.port, **what, timeout=0.3)
        elif fault == "garbage":
            with pytest.raises(ValueError):
                slm.ask(double.port, **what)
        else:
            assert slm.ask(double.port, **what).status == {"slow": 200, "not-a-daemon": 200, "html": 500}.get(fault, fault)
        double.fault = None
        assert slm.ask(double.port, "GET", "/health").message["service"] == "superlocalmemory-daemon"
        seen = double.seen("/api/v3/tool-event")
        assert [request.body for request in seen] == [what["body"]]
    finally:
        double.stop()
