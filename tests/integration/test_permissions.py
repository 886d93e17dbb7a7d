"""Permission rules from outside: what a client may not use is not listed, not found, and refused with the rule that says so."""

import json

import pytest

from rig import mcp, places, wire

RULES = [
    {"server": "plain", "tool": "crash", "do": "deny", "reason": "ask Ada"},
    {"server": "plain", "tool": "count", "do": "warn"},
    {"server": "hidden", "do": "deny", "final": True},
    {"scope": {"client": "rig"}, "server": "hidden", "do": "allow"},
    {"server": "partly", "do": "deny"},
    {"server": "partly", "tool": "echo", "do": "allow"},
    {"scope": {"project": "/work/locked"}, "server": "plain", "do": "deny"},
]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    from conftest import finish
    from rig.hub import Hub

    servers = {name: places.our_server("plain.py", "--name", name) for name in ("plain", "hidden", "partly")}
    hub = Hub(tmp_path_factory.mktemp("permissions"), servers, {"permissions": RULES}).start()
    # Learnt by the time that a tool of each can be searched for, by an owner whom no rule concerns here.
    from rig import processes

    processes.wait_for(lambda: all(f"{name}__echo" in hub.cli("tools").stdout for name in servers), 60, "the lists of all servers")
    yield hub
    finish(hub)


def names(listed) -> list[str]:
    return [tool["name"] for tool in listed["tools"]]


@pytest.mark.parametrize("client", [mcp.Session, mcp.Modern])
def test_a_denied_tool_is_not_listed_not_found_and_refused(hub, client):
    session = client(hub, "/mcp/plain")
    assert "echo" in names(session.ask("tools/list")) and "crash" not in names(session.ask("tools/list"))
    with pytest.raises(mcp.RpcError) as refused:
        session.call("crash")
    assert "permissions[0]" in refused.value.message and "ask Ada" in refused.value.message
    assert refused.value.data["kind"] == "denied" and "permissions check" in refused.value.data["fix"]
    federated = client(hub)
    found = mcp.text_of(federated.call("hub__search_tools", {"query": "crash the server at once"}))
    assert "plain__crash" not in found
    assert "plain__crash" not in mcp.text_of(federated.call("hub__list_servers"))
    with pytest.raises(mcp.RpcError) as refused:
        federated.call("plain__crash")
    assert "permissions[0]" in refused.value.message
    result = federated.call("hub__call_tool", {"tool": "plain__crash", "arguments": {}})
    assert result["isError"] and "permissions[0]" in mcp.text_of(result)
    assert mcp.text_of(federated.call("plain__echo", {"text": "in"})) == "in"


@pytest.mark.parametrize("client", [mcp.Session, mcp.Modern])
def test_a_server_under_a_final_deny_is_out_of_sight_whatever_allows_it(hub, client):
    federated = client(hub)
    listing = [federated.ask(f"{kind}/list") for kind in ("tools", "resources", "resources/templates", "prompts")]
    assert "hidden" not in json.dumps(listing)
    assert "hidden" not in mcp.text_of(federated.call("hub__list_servers"))
    assert "hidden__" not in mcp.text_of(federated.call("hub__search_tools", {"query": "echo text", "limit": 50}))
    with pytest.raises(mcp.RpcError):
        federated.ask("prompts/get", {"name": "hidden__greet", "arguments": {"who": "Ada"}})
    reply = wire.post(hub.port, mcp.initialize(), "/mcp/hidden")
    assert reply.status == 404 and "permissions[2]" in reply.message["error"]["message"]
    assert reply.message["error"]["data"]["kind"] == "denied"
    params = mcp.modern_params()
    reply = wire.post(hub.port, mcp.request("tools/list", params), "/mcp/hidden", mcp.modern_headers("tools/list", params))
    assert reply.status == 404


@pytest.mark.parametrize("client", [mcp.Session, mcp.Modern])
def test_a_tool_of_a_denied_server_may_be_let_through_and_nothing_else_is(hub, client):
    session = client(hub, "/mcp/partly")
    assert names(session.ask("tools/list")) == ["echo"]
    assert session.ask("prompts/list")["prompts"] == [] and session.ask("resources/list")["resources"] == []
    assert mcp.text_of(session.call("echo", {"text": "in"})) == "in"
    for method, params in (("prompts/get", {"name": "greet", "arguments": {"who": "Ada"}}), ("tools/call", {"name": "count"})):
        with pytest.raises(mcp.RpcError) as refused:
            session.ask(method, params)
        assert "Permission denied" in refused.value.message


def test_the_tool_cannot_be_named_behind_the_back_of_the_rules(hub):
    session = mcp.Session(hub, "/mcp/plain")
    for params in ('{"n\\u0061me":"crash"}', '{"name":"cr\\u0061sh"}', '{"name":"echo","name":"crash"}',
                   '{"name":"echo","Name":"crash"}', '{"name":"echo","n\\u0061me":"crash"}'):
        body = f'{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{params}}}'.encode()
        assert "error" in session.post(body).message, params
    assert mcp.text_of(session.call("echo", {"text": "alive"})) == "alive"


def test_a_warning_lets_the_call_through_and_stands_in_the_log(hub):
    session = mcp.Session(hub, "/mcp/plain")
    assert "counted" in mcp.text_of(session.call("count", {"to": 1}))
    assert 'permissions[1] (warn server "plain" tool "count")' in hub.log()


def test_a_rule_for_a_project_holds_for_clients_that_work_in_it(hub):
    inside = mcp.Session(hub, "/mcp", extra={"X-Hub-Project": "/work/locked/src"})
    assert "plain__" not in mcp.text_of(inside.call("hub__list_servers"))
    for elsewhere in ("/work/lockedup", "/work", "relative", "/work/locked/../free"):
        outside = mcp.Session(hub, "/mcp", extra={"X-Hub-Project": elsewhere})
        assert "plain__" in mcp.text_of(outside.call("hub__list_servers")), elsewhere


def test_check_explains_which_rule_decides(hub):
    shown = json.loads(hub.cli("permissions", "check", "rig", "hidden__echo", "--json").stdout)
    assert shown["decision"] == "deny" and shown["decided_by"]["rule"] == "permissions[2]"
    assert [rule["rule"] for rule in shown["also_matching"]] == ["permissions[3]"]
    shown = hub.cli("permissions", "check", "rig", "echo", "--server", "partly").stdout
    assert shown.startswith("allow") and "permissions[5]" in shown and "also matches  permissions[4]" in shown
    shown = json.loads(hub.cli("permissions", "check", "rig", "plain__echo", "--json").stdout)
    assert shown["decision"] == "allow" and shown["decided_by"] is None
    shown = json.loads(hub.cli("permissions", "check", "x", "plain__echo", "--project", "/work/locked/", "--json").stdout)
    assert shown["decision"] == "deny"
    unknown = hub.cli("permissions", "check", "rig", "nothing")
    assert unknown.returncode == 1 and "names no server" in unknown.stderr


def test_rules_hold_after_a_restart_for_a_session_of_before(make_hub):
    hub = make_hub({"plain": places.our_server("plain.py")}, {"permissions": RULES})
    session = mcp.Session(hub, "/mcp/plain")
    session.call("echo", {"text": "before"})
    hub.stop()
    hub.start()
    assert "crash" not in names(session.ask("tools/list"))
    with pytest.raises(mcp.RpcError):
        session.call("crash")


def test_rules_that_are_wrong_stop_the_start_and_say_where(make_hub):
    hub = make_hub({"plain": places.our_server("plain.py")}, {"permissions": [{"servr": "plain", "do": "deny"}]}, start=False)
    with pytest.raises(AssertionError):
        hub.start()
    assert '"servr" is no part of a rule' in hub.log() and "config.json:" in hub.log()
    hub.process = None


@pytest.mark.parametrize("client", [mcp.Session, mcp.Modern])
def test_an_answer_says_that_a_rule_warned(hub, client):
    result = client(hub, "/mcp/plain").call("count", {"steps": 1, "ms": 1})
    assert "permissions[1]" in result["_meta"]["hub/warning"]
    assert "hub/warning" not in client(hub, "/mcp/plain").call("echo", {"text": "in"}).get("_meta", {})


def test_changed_rules_count_at_once_also_for_sessions_that_are_open(make_hub):
    servers = {"plain": places.our_server("plain.py")}
    hub = make_hub(servers, {"permissions": [{"server": "plain", "tool": "pid", "do": "deny"}]})
    old = mcp.Session(hub, "/mcp/plain")
    modern = mcp.Modern(hub, "/mcp/plain")
    assert "pid" not in names(old.ask("tools/list")) and "echo" in names(modern.ask("tools/list"))
    hub.settings["permissions"] = [{"server": "plain", "tool": "echo", "do": "deny"}]
    hub.configure(servers)
    assert hub.cli("reload").returncode == 0
    for session in (old, modern):
        assert "pid" in names(session.ask("tools/list")) and "echo" not in names(session.ask("tools/list"))
        assert mcp.text_of(session.call("pid"))
        with pytest.raises(mcp.RpcError) as refused:
            session.call("echo", {"text": "in"})
        assert refused.value.data["kind"] == "denied"
    # A policy that does not parse changes nothing and ends nothing.
    hub.settings["permissions"] = [{"server": "plain", "tool": "pid", "do": "forbid"}]
    hub.configure(servers)
    refused = hub.cli("reload")
    assert refused.returncode == 1 and "permissions[0]" in refused.stderr
    assert mcp.text_of(old.call("pid"))
    del hub.settings["permissions"]
    hub.configure(servers)
    assert hub.cli("reload").returncode == 0
    assert mcp.text_of(old.call("echo", {"text": "free"})) == "free"


def test_a_token_can_be_required_while_the_hub_runs(make_hub):
    servers = {"plain": places.our_server("plain.py")}
    hub = make_hub(servers)
    token = json.loads(hub.cli("token", "create", "ada", "--json").stdout)["token"]
    session = mcp.Session(hub, "/mcp/plain")
    hub.settings["require_token"] = True
    hub.configure(servers)
    assert hub.cli("reload").returncode == 0
    assert session.post(mcp.request("ping")).status == 401
    assert wire.post(hub.port, mcp.initialize(), "/mcp/plain").status == 401
    mine = mcp.Session(hub, "/mcp/plain", extra={"Authorization": f"Bearer {token}"})
    assert mcp.text_of(mine.call("echo", {"text": "in"})) == "in"


@pytest.mark.parametrize("client", [mcp.Session, mcp.Modern])
def test_a_default_that_warns_says_so(make_hub, client):
    hub = make_hub({"plain": places.our_server("plain.py")}, {"permissions": {"default": "warn", "rules": []}})
    result = client(hub, "/mcp/plain").call("echo", {"text": "in"})
    assert "permissions.default" in result["_meta"]["hub/warning"]
    assert "permissions.default" in hub.log()


def test_streams_of_stateless_clients_end_with_the_rules_that_they_began_under(make_hub):
    servers = {"plain": places.our_server("plain.py")}
    hub = make_hub(servers)
    wanted = {"toolsListChanged": True, "resourcesListChanged": True, "promptsListChanged": True}
    messages = iter(mcp.Modern(hub, "/mcp").stream("subscriptions/listen", {"notifications": wanted}, timeout=60))
    assert next(messages)["method"] == "notifications/subscriptions/acknowledged"
    hub.settings["permissions"] = [{"server": "plain", "do": "deny"}]
    hub.configure(servers)
    assert hub.cli("reload").returncode == 0
    # Whoever listens again is judged anew.
    assert all("method" in message or "result" in message for message in messages)
    assert "plain" not in mcp.text_of(mcp.Modern(hub, "/mcp").call("hub__list_servers"))
