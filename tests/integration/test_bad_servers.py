"""Servers that misbehave: each gets a clear error or log line, hurts nobody else, and leaves nothing behind."""

import threading
import time

import pytest

from rig import mcp, places, processes


@pytest.fixture
def rude(make_hub, record):
    """Starts a hub with a rude server beside a plain one: `rude("garbage")`."""

    def start(way: str, settings: dict | None = None):
        servers = {"rude": places.our_server("rude.py", way, "--record", str(record)), "plain": places.our_server("plain.py")}
        return make_hub(servers, settings)

    return start


def neighbour_is_well(hub):
    assert mcp.text_of(mcp.Session(hub, "/mcp/plain").call("echo", {"text": "well"}, timeout=5)) == "well"


def said(error) -> str:
    """All words of an error: message and data."""
    return f"{error.message} {error.data}"


@pytest.mark.parametrize(
    "way",
    ["garbage", "nameless_tool", "duplicate_tools", "double_answer", "wrong_id", "unasked", "noisy_stderr", "closes_on_probe",
     "silent_on_probe", "bad_schema", "storms", "ignores_the_end", "grandchild"],
)
def test_a_server_with_bad_manners_still_serves(rude, way):
    hub = rude(way)
    session = mcp.Session(hub, "/mcp/rude")
    assert mcp.text_of(session.call("say", {"text": "served"})) == "served"
    assert mcp.text_of(session.call("say", {"text": "again"})) == "again"
    federated = mcp.Session(hub).call("hub__call_tool", {"tool": "rude__say", "arguments": {"text": "federated"}})
    assert mcp.text_of(federated) == "federated"
    neighbour_is_well(hub)


def test_a_nameless_tool_takes_no_other_away(rude):
    hub = rude("nameless_tool")
    mcp.Session(hub, "/mcp/rude").call("say")
    found = mcp.payload_of(mcp.Session(hub).call("hub__search_tools", {"query": "rude__say"}))
    assert found["tools"][0]["tool"] == "rude__say"


def test_tools_without_a_proper_schema_can_be_searched_and_called(rude):
    hub = rude("bad_schema")
    mcp.Session(hub, "/mcp/rude").call("say")
    federated = mcp.Session(hub)
    for tool in ("rude__no_schema", "rude__odd_schema"):
        assert mcp.payload_of(federated.call("hub__search_tools", {"query": tool}))["tools"]


def test_an_endless_line_ends_the_server_and_says_why(rude):
    hub = rude("endless_line")
    before = processes.resident_kb(hub.pid)
    with pytest.raises(mcp.RpcError) as error:
        mcp.Session(hub, "/mcp/rude").call("flood", timeout=60)
    assert "line" in said(error.value)
    assert processes.resident_kb(hub.pid) < before + 200_000
    neighbour_is_well(hub)
    assert mcp.text_of(mcp.Session(hub, "/mcp/rude").call("say", {"text": "again"}, timeout=60)) == "again"


def test_a_call_that_is_never_answered_ends_with_the_servers_timeout(make_hub):
    server = {**places.our_server("rude.py", "never_answers_calls"), "timeout": 1}
    hub = make_hub({"rude": server, "plain": places.our_server("plain.py")})
    session = mcp.Session(hub, "/mcp/rude")
    session.call("say")
    started = time.monotonic()
    with pytest.raises(mcp.RpcError) as error:
        session.call("silence", timeout=20)
    assert 0.8 < time.monotonic() - started < 5
    assert "rude" in said(error.value) and "1 s" in said(error.value)
    assert mcp.text_of(session.call("say", {"text": "still there"})) == "still there"
    neighbour_is_well(hub)


def test_a_silent_call_delays_nobody(rude):
    hub = rude("never_answers_calls")
    session = mcp.Session(hub, "/mcp/rude")
    session.call("say")
    stuck = mcp.Session(hub, "/mcp/rude")
    asker = threading.Thread(target=lambda: stuck.post(mcp.request("tools/call", {"name": "silence"})), daemon=True)
    asker.start()
    started = time.monotonic()
    for _ in range(50):
        session.call("say")
        neighbour_is_well(hub)
    assert time.monotonic() - started < 5


def test_a_server_that_never_answers_fails_to_start_and_says_so(make_hub):
    server = {**places.our_server("rude.py", "never_answers"), "timeout": 2}
    hub = make_hub({"rude": server, "plain": places.our_server("plain.py")})
    neighbour_is_well(hub)
    result = mcp.Session(hub).call("hub__call_tool", {"tool": "rude__say"}, timeout=80)
    assert result["isError"] is True and "rude" in mcp.text_of(result)


def test_a_server_that_exits_at_once_fails_with_its_last_words(rude):
    hub = rude("exits_at_once")
    result = mcp.Session(hub).call("hub__call_tool", {"tool": "rude__say"})
    assert result["isError"] is True
    assert "licence file is missing" in mcp.text_of(result)
    neighbour_is_well(hub)


def test_a_transparent_call_to_a_server_that_cannot_start_is_an_error_with_its_last_words(rude):
    hub = rude("exits_at_once")
    with pytest.raises((mcp.RpcError, AssertionError)) as error:
        mcp.Session(hub, "/mcp/rude").call("say")
    assert "licence file is missing" in str(error.value) + str(getattr(error.value, "data", ""))


def test_a_program_that_is_not_there_is_named(make_hub):
    hub = make_hub({"gone": {"command": "no-such-program-at-all"}, "plain": places.our_server("plain.py")})
    result = mcp.Session(hub).call("hub__call_tool", {"tool": "gone__say"})
    assert result["isError"] is True and "no-such-program-at-all" in mcp.text_of(result)
    neighbour_is_well(hub)


def test_a_server_that_ends_after_the_handshake_is_told(rude):
    hub = rude("exits_after_initialize")
    result = mcp.Session(hub).call("hub__call_tool", {"tool": "rude__say"}, timeout=60)
    assert result["isError"] is True and "rude" in mcp.text_of(result)
    neighbour_is_well(hub)


def test_a_refused_handshake_is_told_in_the_servers_words(rude):
    hub = rude("refuses_handshake")
    result = mcp.Session(hub).call("hub__call_tool", {"tool": "rude__say"}, timeout=60)
    assert result["isError"] is True and "no handshake today" in mcp.text_of(result)


def test_a_crash_with_a_grandchild_leaves_no_process(rude):
    hub = rude("grandchild")
    session = mcp.Session(hub, "/mcp/rude")
    session.call("say")
    with pytest.raises(mcp.RpcError) as error:
        session.call("die", timeout=10)
    assert "rude" in said(error.value)
    gone = lambda: not any("rude.py" in command for command in hub.servers_alive().values())
    processes.wait_for(gone, 10, "the end of the grandchild")
    assert mcp.text_of(session.call("say", {"text": "back"})) == "back"


def test_twenty_megabytes_of_stderr_block_nothing_and_go_to_a_bounded_log(rude):
    hub = rude("noisy_stderr")
    assert mcp.text_of(mcp.Session(hub, "/mcp/rude").call("shout", timeout=30)) == "shouted"
    logs = list((hub.config_dir / "logs").glob("rude*"))
    assert logs and sum(path.stat().st_size for path in logs) < 8_000_000
    assert all(path.stat().st_mode & 0o077 == 0 for path in logs)


@pytest.mark.parametrize("form", ["null", "number", "string", "array", "empty"])
def test_a_result_that_is_no_object_is_answered_all_the_same(rude, form):
    hub = rude("odd_results")
    session = mcp.Session(hub, "/mcp/rude")
    reply = session.post(mcp.request("tools/call", {"name": "odd", "arguments": {"form": form}}), timeout=10)
    assert "result" in reply.message or "error" in reply.message
    federated = mcp.Session(hub).post(mcp.request("tools/call", {"name": "hub__call_tool", "arguments": {"tool": "rude__odd", "arguments": {"form": form}}}))
    assert "result" in federated.message or "error" in federated.message
    modern = mcp.Modern(hub, "/mcp/rude").post("tools/call", {"name": "odd", "arguments": {"form": form}}, timeout=10)
    assert "result" in modern.message or "error" in modern.message


@pytest.mark.parametrize("way,tool", [("deep_result", "deep"), ("bad_utf8", "broken"), ("both_result_and_error", "say")])
def test_an_answer_that_is_no_json_rpc_hurts_only_its_asker(rude, way, tool):
    hub = rude(way)
    if way != "both_result_and_error":
        mcp.Session(hub, "/mcp/rude").call("say")
    session = mcp.Session(hub, "/mcp/rude")
    started = time.monotonic()
    asked = threading.Thread(target=lambda: session.post(mcp.request("tools/call", {"name": tool}), timeout=60), daemon=True)
    asked.start()
    neighbour_is_well(hub)
    asked.join(10)
    assert not asked.is_alive(), f"{way}: the asker waits after {time.monotonic() - started:.0f} s"


def test_endless_pages_end(rude):
    hub = rude("endless_pages")
    assert mcp.text_of(mcp.Session(hub, "/mcp/rude").call("say", {"text": "fine"}, timeout=20)) == "fine"
    neighbour_is_well(hub)


def test_a_storm_of_list_changes_is_coalesced(rude, record):
    hub = rude("storms")
    session = mcp.Session(hub, "/mcp/rude")
    session.call("say")
    session.call("storm", timeout=20)
    session.call("say")
    assert len(record.events("tools/list")) < 100


def test_a_server_that_does_not_read_is_given_up_without_harm(rude):
    hub = rude("does_not_read", {"request_timeout_seconds": 5})
    session = mcp.Session(hub, "/mcp/rude")
    session.call("stop_reading")
    before = processes.resident_kb(hub.pid)
    big = "z" * 1_000_000

    def push():
        try:
            mcp.Session(hub, "/mcp/rude").call("say", {"text": big}, timeout=15)
        except (mcp.RpcError, OSError):
            pass

    pushers = [threading.Thread(target=push, daemon=True) for _ in range(20)]
    [p.start() for p in pushers]
    neighbour_is_well(hub)
    [p.join(20) for p in pushers]
    assert processes.resident_kb(hub.pid) < before + 150_000


def test_a_strict_server_is_probed_once_and_then_remembered(rude, record):
    hub = rude("closes_on_probe")
    mcp.Session(hub, "/mcp/rude").call("say")
    hub.stop()
    probes = len(record.events("probed"))
    hub.start()
    mcp.Session(hub, "/mcp/rude").call("say")
    assert len(record.events("probed")) == probes <= 1
