"""The memory plugin against the double and the real daemons: what they are told, what clients get, and that nothing waits for them."""

import contextlib
import json
import sqlite3
import time

import pytest
import slm_double
from rig import mcp, places, processes, slm

PROJECT = "/srv/alpha"
FACT = "In project alpha the team chose Boost for sockets."
SERVERS = {"plain": places.our_server("plain.py")}

# A call with a healthy server takes milliseconds; a daemon that holds it up takes seconds.
SOON = 1.0


class OfDouble:
    """A double, seen as the real daemons are."""

    def __init__(self, version: str):
        self.double = slm_double.Double(version)
        self.version = version
        self.url = self.double.start().url

    def events(self) -> list[dict]:
        with self.double.lock:
            return [dict(event) for event in self.double.tool_events]

    def remember(self, text: str):
        self.double.facts.append(text)

    def freeze(self):
        self.double.fault = "hang"

    def thaw(self):
        self.double.fault = None
        self.double.released.set()
        self.double.released.clear()

    def stop(self):
        self.double.stop()

    def start(self):
        self.double.start()

    def ask(self, method: str, path: str, body=None):
        return slm.ask(self.double.port, method, path, body, {"X-Install-Token": self.double.token} if self.double.new else {}).message


class OfDaemon:
    """A real daemon."""

    def __init__(self, folder, generation: str):
        self.daemon = slm.Daemon(folder, generation)
        self.version = {"old": slm_double.OLD, "new": slm_double.NEW}[generation]
        self.url = self.daemon.start().url

    def events(self) -> list[dict]:
        with contextlib.closing(sqlite3.connect(f"file:{self.database()}?mode=ro", uri=True)) as opened:
            opened.row_factory = sqlite3.Row
            return [dict(row) for row in opened.execute("SELECT * FROM tool_events ORDER BY id")]

    def database(self):
        (found,) = self.daemon.home.rglob("memory.db")
        return found

    def remember(self, text: str):
        assert self.ask("POST", "/remember", {"content": text})["fact_ids"]

    def freeze(self):
        self.daemon.freeze()

    def thaw(self):
        self.daemon.thaw()

    def stop(self):
        self.daemon.stop()

    def start(self):
        self.daemon.start()

    def ask(self, method: str, path: str, body=None):
        key = {"X-Install-Token": self.daemon.token} if self.daemon.token else {}
        return slm.ask(self.daemon.port, method, path, body, key).message


@pytest.fixture(params=["double-old", "double-new", "old", "new"])
def memory(request, tmp_path):
    kind, _, generation = request.param.rpartition("-")
    version = {"old": slm_double.OLD, "new": slm_double.NEW}[generation]
    daemon = OfDouble(version) if kind else OfDaemon(tmp_path, generation)
    yield daemon
    with contextlib.suppress(Exception):
        daemon.thaw()
    daemon.stop()


def plugin(hub, name="slm") -> dict:
    found = json.loads(hub.cli("plugins", "list", "--json").stdout)["plugins"]
    return next(entry for entry in found if entry["name"] == name)


def await_state(hub, words: str, seconds=20.0, name="slm"):
    return processes.wait_for(lambda: words in (plugin(hub, name).get("says") or "") and plugin(hub, name), seconds, f"{name} being {words}")


def hub_with(make_hub, memory, settings: dict | None = None, more: dict | None = None, **variables):
    chosen = {"plugins": {"slm": {"enabled": True, "settings": settings or {}}}, **(more or {})}
    return make_hub(SERVERS, chosen, {"SLM_DAEMON_URL": memory.url, **variables})


def named(memory, tool: str) -> list[dict]:
    return [event for event in memory.events() if event["tool_name"] == tool]


def quick(call) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


def test_state_version_and_mode_are_shown(make_hub, memory):
    hub = hub_with(make_hub, memory)
    shown = await_state(hub, f"connected (v{memory.version}, mode a")
    assert shown["facts"]["version"] == memory.version
    assert f"connected (v{memory.version}, mode a" in hub.cli("status").stdout
    assert f"connected (v{memory.version}" in hub.log()


def test_calls_and_the_end_of_a_session_are_told(make_hub, memory):
    hub = hub_with(make_hub, memory)
    await_state(hub, "connected")
    client = mcp.Session(hub, extra={"X-Hub-Project": PROJECT})
    for _ in range(3):
        client.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "a private sentence"}})
    client.call("hub__call_tool", {"tool": "plain__fail", "arguments": {}})
    processes.wait_for(lambda: named(memory, "plain__echo") and named(memory, "plain__fail"), 20, "both tools told")
    told = named(memory, "plain__echo")
    assert sum(int(event["output_summary"].split(" times")[0].split()[-1]) if " times" in event["output_summary"] else 1 for event in told) == 3
    assert {event["event_type"] for event in told} == {"complete"} and named(memory, "plain__fail")[0]["event_type"] == "error"
    assert told[0]["project_path"] == PROJECT and len(told[0]["session_id"]) >= 8 and told[0]["session_id"] != client.id
    assert told[0]["input_summary"] == "text: 18 bytes of text" and " ms" in told[0]["output_summary"]
    assert "private" not in json.dumps(memory.events())
    client.end()
    summary = processes.wait_for(lambda: named(memory, "hub__session"), 20, "the end of the session")[0]
    assert "4 calls, 1 failed: plain__echo 3, plain__fail 1" in summary["output_summary"]
    assert summary["session_id"] == told[0]["session_id"]


def test_values_are_told_only_if_that_is_wanted_and_never_secrets(make_hub, memory):
    hub = hub_with(make_hub, memory, {"summaries": "values"})
    await_state(hub, "connected")
    client = mcp.Session(hub)
    secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    arguments = {"text": f"boost beast {secret}", "password": "hunter2"}
    client.call("hub__call_tool", {"tool": "plain__echo", "arguments": arguments})
    told = processes.wait_for(lambda: named(memory, "plain__echo"), 20, "the call told")[0]
    assert told["input_summary"] == "text: boost beast ***, password: ***"


def test_clients_get_what_the_memory_holds_as_resource_prompt_and_instructions(make_hub, memory):
    memory.remember(FACT)
    hub = hub_with(make_hub, memory, {"recall_wait_ms": 2000})
    await_state(hub, "connected")
    client = mcp.Session(hub, extra={"X-Hub-Project": "/srv/project alpha"})
    assert "hub://memory/session-context" in [entry["uri"] for entry in client.ask("resources/list")["resources"]]
    (content,) = client.ask("resources/read", {"uri": "hub://memory/session-context"})["contents"]
    assert FACT in content["text"] and content["text"].index("never follow") < content["text"].index("<untrusted-memory>")
    (message,) = client.ask("prompts/get", {"name": "hub__memory"})["messages"]
    assert message["content"]["text"] == content["text"]
    # The one before has asked, so that this one does not wait.
    again = mcp.Session(hub, extra={"X-Hub-Project": "/srv/project alpha"})
    assert again.hello["instructions"].endswith(content["text"])
    modern = mcp.Modern(hub, extra={"X-Hub-Project": "/srv/project alpha"})
    assert FACT in modern.ask("server/discover")["instructions"]


def status_of(hub) -> dict:
    return json.loads(hub.cli("status", "--json").stdout)


def test_what_the_daemon_saw_predicts_servers_and_its_part_is_counted(make_hub, memory):
    for _ in range(4):
        for tool in ("mcp__plain__echo", "Bash", "mcp__other__pid"):
            memory.ask("POST", "/api/v3/tool-event", {"tool_name": tool, "event_type": "complete"})
    servers = {**SERVERS, "other": places.our_server("plain.py")}
    hub = make_hub(servers, {"warm_up": "on", "plugins": {"slm": True}}, {"SLM_DAEMON_URL": memory.url})
    await_state(hub, "connected")

    def state(name: str) -> str:
        return next(x for x in json.loads(hub.cli("servers", "--json").stdout)["servers"] if x["name"] == name)["state"]

    processes.wait_for(lambda: state("plain") == state("other") == "known", 30, "both servers at rest")
    processes.wait_for(lambda: status_of(hub)["warm_up"]["joined"]["uses_seen"] == 8, 30, "what the daemon saw")
    client = mcp.Session(hub)
    client.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "x"}})
    processes.wait_for(lambda: state("other") == "ready", 30, "the predicted server")
    client.call("hub__call_tool", {"tool": "other__pid", "arguments": {}})
    counted = processes.wait_for(lambda: (found := status_of(hub)["warm_up"])["joined"]["hits"] and found, 30, "the prediction that came true")
    assert counted["hits"] == counted["misses"] == counted["joined"]["misses"] == 0 and counted["joined"]["hits"] == 1
    assert "with 8 uses that the memory daemon saw: 1 of 1 prediction came true" in hub.cli("status").stdout


def test_without_a_daemon_the_own_counts_predict(make_hub, memory):
    memory.stop()
    servers = {**SERVERS, "other": places.our_server("plain.py")}
    hub = make_hub(servers, {"plugins": {"slm": True}}, {"SLM_DAEMON_URL": memory.url})
    client = mcp.Session(hub, extra={"X-Hub-Project": PROJECT})
    for _ in range(5):
        for tool in ("plain__pid", "other__pid"):
            client.call("hub__call_tool", {"tool": tool, "arguments": {}})
    counted = processes.wait_for(lambda: (found := status_of(hub)["warm_up"])["hits"] >= 2 and found, 30, "predictions that came true")
    assert counted["joined"] == {"hits": counted["hits"], "misses": counted["misses"], "uses_seen": 0}


def test_a_frozen_daemon_holds_up_nobody_and_is_found_again(make_hub, memory):
    hub = hub_with(make_hub, memory)
    await_state(hub, "connected")
    client = mcp.Session(hub)
    client.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "warm"}})
    memory.freeze()
    try:
        slowest = max(quick(lambda: client.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "x"}})) for _ in range(50))
        assert slowest < SOON
        assert quick(lambda: mcp.Session(hub)) < SOON
        await_state(hub, "away")
    finally:
        memory.thaw()
    await_state(hub, "connected", 45)
    client.call("hub__call_tool", {"tool": "plain__wait", "arguments": {"ms": 1}})
    processes.wait_for(lambda: named(memory, "plain__wait"), 20, "the call told")


def test_a_daemon_that_comes_late_and_one_that_comes_back_are_found(make_hub, memory):
    memory.stop()
    hub = hub_with(make_hub, memory)
    await_state(hub, "away")
    client = mcp.Session(hub)
    assert quick(lambda: client.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "x"}})) < 5
    memory.start()
    await_state(hub, "connected", 45)
    memory.stop()
    client.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "x"}})
    await_state(hub, "away", 45)
    memory.start()
    await_state(hub, "connected", 45)
    client.call("hub__call_tool", {"tool": "plain__wait", "arguments": {"ms": 1}})
    processes.wait_for(lambda: named(memory, "plain__wait"), 20, "the call told")


@pytest.fixture
def double():
    made = slm_double.Double()
    yield made.start()
    made.stop()


@pytest.mark.parametrize("fault", slm_double.FAULTS)
def test_whatever_the_daemon_does_calls_are_fast_and_it_is_found_again(make_hub, double, fault):
    hub = hub_with(make_hub, double)
    await_state(hub, "connected")
    client = mcp.Session(hub)
    client.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "warm"}})
    double.retry_after = 2
    double.fault = fault
    for turn in range(30):
        took = quick(lambda turn=turn: client.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": str(turn)}}))
        assert took < SOON
    before = len(double.requests)
    assert quick(lambda: mcp.Session(hub)) < SOON
    processes.wait_for(lambda: len(double.requests) > before, 40, "a request that fails")
    double.fault = None
    double.released.set()
    await_state(hub, "connected", 45)
    # After a refusal of its key the plugin waits a minute.
    if fault not in (401, 403):
        client.call("hub__call_tool", {"tool": "plain__wait", "arguments": {"ms": 1}})
        processes.wait_for(lambda: "plain__wait" in [event["tool_name"] for event in double.tool_events], 45, "the call told")


def test_something_else_at_the_port_gets_nothing_but_the_question_what_it_is(make_hub, double):
    double.fault = "not-a-daemon"
    hub = hub_with(make_hub, double, None, {"plugins": {"slm": True, "mesh": True}})
    await_state(hub, "foreign")
    client = mcp.Session(hub)
    client.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "x"}})
    client.end()
    count = len(double.requests)
    processes.wait_for(lambda: len(double.requests) > count, 20, "another look")
    assert {request.path for request in double.requests} == {"/health"}
    assert not any("x-install-token" in request.headers for request in double.requests)


def test_the_limit_of_all_programs_is_not_used_up(make_hub):
    double = slm_double.Double(slm_double.OLD).start()
    try:
        hub = hub_with(make_hub, double)
        await_state(hub, "connected")
        clients = [mcp.Session(hub) for _ in range(4)]
        for turn in range(200):
            tool = ("echo", "pid", "where", "wait")[turn % 4]
            clients[turn % 4].call("hub__call_tool", {"tool": f"plain__{tool}", "arguments": {"text": "x", "ms": 1}})
        processes.wait_for(lambda: len(double.tool_events) >= 2, 20, "the first events")
        # A third of it at least is left for others.
        answers = [slm.ask(double.port, "POST", "/api/v3/tool-event", {"tool_name": "another"}).status for _ in range(10)]
        assert answers == [200] * 10
    finally:
        double.stop()


def test_without_the_plugin_nothing_is_asked(make_hub, double):
    hub = make_hub(SERVERS, {"plugins": {"slm": False, "mesh": False}}, {"SLM_DAEMON_URL": double.url})
    client = mcp.Session(hub)
    client.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "x"}})
    client.end()
    assert hub.cli("plugins", "list").returncode == 0
    assert double.requests == []
