"""The audit from outside: a line for each call and refusal, a chain that shows what was changed, and no secret in it."""

import csv
import hashlib
import io
import json
import os

import pytest

from rig import mcp, places, processes

PLAIN = places.our_server("plain.py")
RULES = [{"server": "plain", "tool": "crash", "do": "deny"}, {"server": "plain", "tool": "count", "do": "warn"}]


def lines(hub, *options: str) -> list[dict]:
    listed = hub.cli("audit", "list", "--json", *options)
    assert listed.returncode == 0, listed.stderr
    return json.loads(listed.stdout)["lines"]


def await_lines(hub, count: int, *options: str) -> list[dict]:
    """Lines are written in batches, shortly after the calls."""
    processes.wait_for(lambda: len(lines(hub, *options)) >= count, 30, f"{count} lines of the audit")
    found = lines(hub, *options)
    assert len(found) == count, found
    return found


@pytest.fixture
def hub(make_hub):
    return make_hub({"plain": PLAIN}, {"permissions": RULES})


def test_each_call_is_one_line_by_whichever_door_it_came(hub):
    direct = mcp.Session(hub, "/mcp/plain")
    direct.call("echo", {"text": "hunter2"})
    federated = mcp.Session(hub)
    federated.call("plain__echo", {"text": "a"})
    federated.call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "b"}})
    mcp.Modern(hub, "/mcp/plain").call("echo", {"text": "c"})
    federated.call("hub__search_tools", {"query": "echo"})
    found = await_lines(hub, 4)
    assert {line["tool"] for line in found} == {"echo"} and {line["server"] for line in found} == {"plain"}
    assert sorted(line["door"] for line in found) == ["/mcp", "/mcp", "/mcp/plain", "/mcp/plain"]
    assert all(line["client"] == "rig" and line["outcome"] == "ok" and line["ms"] > 0 for line in found)
    first = found[0]
    assert direct.id not in json.dumps(found) and first["session"] == hashlib.sha256(direct.id.encode()).hexdigest()[:12]
    assert first["arguments_sha256"] == hashlib.sha256(b'{"text": "hunter2"}').hexdigest()
    assert [line["seq"] for line in found] == [1, 2, 3, 4]
    text = (hub.config_dir / "audit.jsonl").read_text()
    assert "hunter2" not in text
    assert (hub.config_dir / "audit.jsonl").stat().st_mode & 0o777 == 0o600


def test_refusals_warnings_and_errors_say_so(hub):
    session = mcp.Session(hub, "/mcp/plain")
    for tool in ("crash", "fault"):
        with pytest.raises(mcp.RpcError):
            session.call(tool)
    session.call("count", {"to": 1})
    result = mcp.Session(hub).call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "x"}})
    assert not result.get("isError")
    found = {line["tool"]: line for line in await_lines(hub, 4)}
    assert found["crash"]["outcome"] == "denied" and found["crash"]["rule"] == "permissions[0]"
    assert found["count"]["decision"] == "warn" and found["count"]["outcome"] == "ok"
    assert found["fault"]["outcome"] in ("error", "tool_error") and "rule" not in found["fault"]
    assert [line["tool"] for line in lines(hub, "--outcome", "denied")] == ["crash"]
    assert [line["tool"] for line in lines(hub, "--tool", "plain__c*")] == ["crash", "count"]
    assert lines(hub, "--client", "nobody") == [] and len(lines(hub, "--since", "1h")) == 4 and len(lines(hub, "--limit", "2")) == 2
    shown = hub.cli("audit", "list").stdout
    assert "denied" in shown and "permissions[0]" in shown


@pytest.mark.parametrize("client", [mcp.Session, mcp.Modern])
def test_what_the_federated_door_refuses_is_a_line_too(hub, client):
    processes.wait_for(lambda: "plain__echo" in hub.cli("tools").stdout, 60, "the list of the server")
    federated = client(hub)
    with pytest.raises(mcp.RpcError):
        federated.call("plain__crash")
    assert federated.call("hub__call_tool", {"tool": "plain__crash", "arguments": {}})["isError"]
    assert [(line["tool"], line["outcome"], line["rule"]) for line in await_lines(hub, 2)] == [("crash", "denied", "permissions[0]")] * 2


@pytest.mark.parametrize("client", [mcp.Session, mcp.Modern])
def test_what_is_asked_of_a_hidden_server_is_refused_and_a_line(make_hub, client):
    hub = make_hub({"plain": PLAIN, "hidden": PLAIN}, {"permissions": [{"server": "hidden", "do": "deny"}]})
    federated = client(hub)
    asked = {
        "prompts/get": {"name": "hidden__greet", "arguments": {"who": "Ada"}},
        "resources/read": {"uri": "hub:hidden/note://one"},
        "completion/complete": {"ref": {"type": "ref/prompt", "name": "hidden__greet"}, "argument": {"name": "who", "value": "A"}},
    }
    for method, params in asked.items():
        with pytest.raises(mcp.RpcError) as refused:
            federated.ask(method, params)
        assert "permissions[0]" in refused.value.message
    found = [(line["method"], line["server"], line["outcome"], line["rule"]) for line in await_lines(hub, 3)]
    assert found == [(method, "hidden", "denied", "permissions[0]") for method in asked]
    with pytest.raises(mcp.RpcError, match="unknown prompt"):
        federated.ask("prompts/get", {"name": "nobody__greet"})


def test_the_name_of_a_token_stands_in_the_line_and_the_token_does_not(make_hub):
    hub = make_hub({"plain": PLAIN}, {"require_token": True})
    token = hub.cli("token", "create", "robot", "--role", "ci").stdout.strip()
    mcp.Session(hub, "/mcp/plain", extra={"Authorization": f"Bearer {token}"}).call("echo", {"text": "x"})
    (line,) = await_lines(hub, 1)
    assert line["principal"] == "robot" and line["role"] == "ci"
    assert token.removeprefix("slmhub_") not in (hub.config_dir / "audit.jsonl").read_text()


def test_a_changed_line_is_found_and_named(hub):
    session = mcp.Session(hub, "/mcp/plain")
    for text in ("a", "b", "c"):
        session.call("echo", {"text": text})
    await_lines(hub, 3)
    verified = hub.cli("audit", "verify")
    assert verified.returncode == 0 and "3 lines" in verified.stdout
    file = hub.config_dir / "audit.jsonl"
    good = file.read_text()
    forged = good.splitlines(keepends=True)
    forged[1] = forged[1].replace('"client":"rig"', '"client":"ada"')
    file.write_text("".join(forged))
    broken = hub.cli("audit", "verify")
    assert broken.returncode == 1 and "audit.jsonl:2" in broken.stderr
    file.write_text("".join(good.splitlines(keepends=True)[::2]))
    assert "audit.jsonl:2" in json.loads(hub.cli("audit", "verify", "--json").stdout)["broken"]
    file.write_text(good)
    assert hub.cli("audit", "verify").returncode == 0


def test_the_chain_goes_on_after_a_restart_and_after_a_kill(hub):
    session = mcp.Session(hub, "/mcp/plain")
    session.call("echo", {"text": "a"})
    hub.stop()
    assert len(lines(hub)) == 1, "an orderly stop writes what waits"
    with open(hub.config_dir / "audit.jsonl", "a") as file:
        file.write('{"seq":2,"time":"20')
    hub.start()
    session.call("echo", {"text": "b"})
    found = await_lines(hub, 2)
    assert found[1]["prev"] == found[0]["hash"]
    assert hub.cli("audit", "verify").returncode == 0


def test_files_are_rotated_and_the_chain_goes_on(make_hub):
    hub = make_hub({"plain": PLAIN}, {"audit": {"arguments": True, "max_bytes": 65536, "files": 4}})
    session = mcp.Session(hub, "/mcp/plain")
    for i in range(4):
        session.call("echo", {"text": f"{i}" * 30_000})
        await_lines(hub, i + 1, "--limit", "1000")
    names = sorted(path.name for path in hub.config_dir.glob("audit.jsonl*"))
    assert len(names) > 1, names
    assert hub.cli("audit", "verify").returncode == 0
    assert json.loads(lines(hub, "--limit", "1000")[0]["arguments"])["text"] == "0" * 30_000


def test_export_gives_lines_or_a_table(hub):
    session = mcp.Session(hub, "/mcp/plain")
    session.call("echo", {"text": "x"})
    await_lines(hub, 1)
    assert hub.cli("audit", "export").stdout == (hub.config_dir / "audit.jsonl").read_text()
    (row,) = csv.DictReader(io.StringIO(hub.cli("audit", "export", "--csv").stdout))
    assert row["tool"] == "echo" and row["client"] == "rig" and row["outcome"] == "ok"


def test_nothing_from_outside_can_look_like_a_line_of_its_own(hub):
    session = mcp.Session(hub, "/mcp/plain")
    with pytest.raises(mcp.RpcError):
        session.call('x"}\n{"seq":1,"hash":"\x1b[2J')
    (line,) = await_lines(hub, 1)
    assert line["tool"].startswith('x"}\n')
    assert len((hub.config_dir / "audit.jsonl").read_text().splitlines()) == 1
    assert "\x1b" not in hub.cli("audit", "list").stdout and hub.cli("audit", "verify").returncode == 0


def test_a_file_that_cannot_be_written_is_a_state_and_calls_go_on(make_hub):
    hub = make_hub({"plain": PLAIN}, start=False)
    (hub.config_dir / "audit.jsonl").mkdir()
    hub.start()
    session = mcp.Session(hub, "/mcp/plain")
    assert mcp.text_of(session.call("echo", {"text": "in"})) == "in"
    state = lambda: json.loads(hub.cli("status", "--json").stdout)["audit"]  # noqa: E731
    processes.wait_for(lambda: state()["state"] == "degraded", 30, "the state of the audit")
    assert state()["dropped"] == 1 and "degraded" in hub.cli("status").stdout
    os.rmdir(hub.config_dir / "audit.jsonl")
    session.call("echo", {"text": "again"})
    found = await_lines(hub, 2)
    assert found[0]["event"] == "dropped" and found[0]["count"] == 1 and found[1]["tool"] == "echo"
    assert state()["state"] == "ok"


def test_what_is_written_can_be_changed_while_the_hub_runs(make_hub):
    servers = {"plain": PLAIN}
    hub = make_hub(servers)
    session = mcp.Session(hub, "/mcp/plain")

    def set_audit(value):
        hub.settings["audit"] = value
        hub.configure(servers)
        said = hub.cli("reload")
        assert said.returncode == 0 and "audit" not in said.stdout + said.stderr

    session.call("echo", {"text": "hashed"})
    assert "arguments" not in await_lines(hub, 1)[0]
    set_audit({"arguments": True})
    session.call("echo", {"text": "written"})
    assert json.loads(await_lines(hub, 2)[1]["arguments"]) == {"text": "written"}
    set_audit(False)
    state = lambda: json.loads(hub.cli("status", "--json").stdout)["audit"]["state"]
    processes.wait_for(lambda: state() == "off", 10, "the end of the audit")
    session.call("echo", {"text": "unseen"})
    # Its record goes to all observers at once, some time after its answer.
    counted = lambda: sum(call["calls"] for call in json.loads(hub.cli("top", "--json").stdout)["calls"])
    processes.wait_for(lambda: counted() == 3, 10, "the call told to the observers")
    set_audit(True)
    processes.wait_for(lambda: state() == "ok", 10, "the audit again")
    session.call("echo", {"text": "seen"})
    await_lines(hub, 3)
    assert hub.cli("audit", "verify").returncode == 0
