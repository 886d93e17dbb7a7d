"""Traces: what a server is told of them, what a collector gets, and `slm-hub trace`."""

import json
import os
import pty
import re
import resource
import signal
import socket
import subprocess
import threading

import pytest

from rig import http_servers, mcp, places, processes, wire
from rig.collector import Collector
from rig.http_servers import HttpServer

TELLING = places.our_server("telling.py")
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "vendor=1", "baggage": "user=ada"}
FASTMCP = """
import json, sys
from fastmcp import Context, FastMCP
from fastmcp.server.dependencies import get_http_headers

server = FastMCP("traced")


@server.tool
async def meta(context: Context) -> str:
    given = context.request_context.meta
    return json.dumps({"meta": given if isinstance(given, dict) else given.model_dump(by_alias=True), "headers": dict(get_http_headers(include_all=True))})


if len(sys.argv) > 1:
    server.run("http", show_banner=False, host="127.0.0.1", port=int(sys.argv[1]), path="/mcp")
else:
    server.run("stdio", show_banner=False)
"""


@pytest.fixture
def collector():
    result = Collector()
    yield result
    result.close()


def call(client, tool, arguments=None, meta=None):
    params = {"name": tool, "arguments": arguments or {}}
    return client.ask("tools/call", {**params, "_meta": meta} if meta else params)


def told(client, meta=None, tool="meta") -> dict:
    return json.loads(mcp.text_of(call(client, tool, meta=meta)))


def traces(hub, *arguments) -> dict:
    said = hub.cli("trace", "--json", *arguments)
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def await_calls(hub, count: int) -> list[dict]:
    processes.wait_for(lambda: len(traces(hub)["traces"]) >= count, 10, f"{count} calls kept")
    return traces(hub)["traces"]


def check_traceparent(text: str) -> str:
    """The span that a server is told to be below of."""
    version, trace, span, flags = text.split("-")
    assert version == "00" and trace == TRACE and flags == "01"
    assert re.fullmatch("[0-9a-f]{16}", span) and span not in (PARENT, "0" * 16)
    return span


# -- what servers are told ---------------------------------------------------------


def test_a_trace_goes_on_to_the_server_with_the_span_of_the_hub(make_hub):
    hub = make_hub({"telling": TELLING})
    session = mcp.Session(hub, "/mcp/telling")
    seen = told(session, meta={**GIVEN, "example.org/kept": 1})
    span = check_traceparent(seen["traceparent"])
    assert seen["tracestate"] == "vendor=1" and seen["baggage"] == "user=ada" and seen["example.org/kept"] == 1
    kept = await_calls(hub, 1)[0]
    assert kept["trace_id"] == TRACE and kept["parent_id"] == PARENT
    [whole] = traces(hub, TRACE[:8])["calls"]
    assert next(step["span_id"] for step in whole["spans"] if step["name"] == "server") == span


def test_a_trace_is_read_from_headers_and_of_clients_of_both_eras_at_both_doors(make_hub):
    hub = make_hub({"telling": TELLING})
    plain = mcp.Session(hub, "/mcp/telling", extra=GIVEN)
    seen = told(plain)
    check_traceparent(seen["traceparent"])
    assert seen["tracestate"] == "vendor=1" and seen["baggage"] == "user=ada"
    check_traceparent(told(mcp.Modern(hub, "/mcp/telling"), meta=GIVEN)["traceparent"])
    check_traceparent(told(mcp.Session(hub), meta=GIVEN, tool="telling__meta")["traceparent"])
    inside = call(mcp.Session(hub), "hub__call_tool", {"tool": "telling__meta"}, GIVEN)
    check_traceparent(json.loads(mcp.text_of(inside))["traceparent"])
    # What comes with the message counts more than its headers.
    other = {"traceparent": f"00-{'1' * 32}-{PARENT}-01"}
    assert told(plain, meta=other)["traceparent"].startswith(f"00-{'1' * 32}-")


def test_without_a_trace_a_server_is_told_nothing(make_hub):
    hub = make_hub({"telling": TELLING})
    session = mcp.Session(hub, "/mcp/telling")
    assert told(session) == {}
    # What is none goes on as it came.
    assert told(session, meta={"traceparent": "00-what"}) == {"traceparent": "00-what"}
    kept = await_calls(hub, 2)
    assert len({call["trace_id"] for call in kept}) == 2 and all(call["parent_id"] == "" for call in kept)


def test_a_server_on_an_sdk_is_told_over_stdio_and_http(make_hub, tmp_path):
    program = tmp_path / "traced.py"
    program.write_text(FASTMCP)
    python = str(places.PACKAGES / "fastmcp" / "bin" / "python")
    server = HttpServer(tmp_path, [python, str(program), "{port}"]).start(60)
    try:
        hub = make_hub({"piped": {"command": python, "args": [str(program)]}, "one": {"url": server.url}})
        piped = told(mcp.Session(hub, "/mcp/piped"), meta=GIVEN)
        check_traceparent(piped["meta"]["traceparent"])
        seen = told(mcp.Session(hub, "/mcp/one"), meta=GIVEN)
        span = check_traceparent(seen["meta"]["traceparent"])
        assert check_traceparent(seen["headers"]["traceparent"]) == span
        assert seen["headers"]["tracestate"] == "vendor=1" and seen["headers"]["baggage"] == "user=ada"
    finally:
        server.stop()


def test_a_server_over_http_without_a_trace_gets_no_header_of_one(make_hub, tmp_path):
    server = http_servers.ours(tmp_path).start()
    try:
        session = mcp.Session(make_hub({"one": {"url": server.url}}), "/mcp/one")
        header = lambda meta=None: mcp.text_of(call(session, "header", {"name": "traceparent"}, meta))  # noqa: E731
        assert header() == "None"
        check_traceparent(header(GIVEN))
    finally:
        server.stop()


# -- what a collector gets -----------------------------------------------------------


def test_a_collector_gets_the_steps_of_a_call(make_hub, collector):
    settings = {"otlp": {"endpoint": collector.url, "headers": {"X-Key": "${COLLECTOR_KEY}"}}}
    hub = make_hub({"telling": TELLING}, settings, {"COLLECTOR_KEY": "k-3141592"})
    session = mcp.Session(hub, "/mcp/telling")
    seen = told(session, meta=GIVEN)
    call(session, "fail", meta={"traceparent": f"00-{'2' * 32}-{PARENT}-01"})
    processes.wait_for(lambda: collector.spans("2" * 32), 10, "the spans of the calls")
    path, headers, _ = collector.requests[0]
    assert path == "/v1/traces" and headers["Content-Type"] == "application/x-protobuf" and headers["X-Key"] == "k-3141592"
    spans = collector.spans(TRACE)
    whole = next(span for span in spans if span.kind == 2)
    assert whole.parent == PARENT and whole.name == "tools/call meta" and not whole.failed
    assert whole.resource["service.name"] == "slm-hub" and whole.resource["service.version"]
    wanted = {"mcp.method.name": "tools/call", "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "meta",
              "slm_hub.server": "telling", "slm_hub.client.name": "rig", "mcp.protocol.version": "2025-11-25", "slm_hub.outcome": "ok"}
    assert wanted.items() <= whole.attributes.items() and whole.attributes["jsonrpc.request.id"] == "1"
    assert session.id not in str(spans)
    steps = {span.name: span for span in spans if span is not whole and span.kind == 1}
    assert {"admission", "start", "answer"} <= steps.keys()
    server = next(span for span in spans if span.kind == 3)
    assert server.id == check_traceparent(seen["traceparent"])
    for span in [*steps.values(), server]:
        assert span.parent == whole.id and whole.start <= span.start <= span.end <= whole.end
    assert abs(sum(s.end - s.start for s in [*steps.values(), server]) - (whole.end - whole.start)) < 5e6
    failed = next(span for span in collector.spans("2" * 32) if span.kind == 2)
    assert failed.failed and failed.attributes["error.type"] == "tool_error"
    assert "k-3141592" not in hub.log() + hub.cli("config", "show").stdout


def test_with_a_collector_every_call_has_a_trace_that_its_server_knows(make_hub, collector):
    hub = make_hub({"telling": TELLING}, env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})
    seen = told(mcp.Session(hub, "/mcp/telling"))
    _, trace, span, flags = seen["traceparent"].split("-")
    processes.wait_for(lambda: collector.spans(trace), 10, "the spans of the call")
    assert flags == "01" and span in [x.id for x in collector.spans(trace) if x.kind == 3]
    assert next(x for x in collector.spans(trace) if x.kind == 2).parent == ""


def test_a_trace_that_its_client_does_not_record_is_not_sent(make_hub, collector):
    hub = make_hub({"telling": TELLING}, {"otlp": {"endpoint": collector.url}})
    session = mcp.Session(hub, "/mcp/telling")
    assert told(session, meta={"traceparent": f"00-{TRACE}-{PARENT}-00"})["traceparent"].endswith("-00")
    assert told(session)["traceparent"].endswith("-01")
    processes.wait_for(collector.spans, 10, "the spans of the other call")
    assert not collector.spans(TRACE) and traces(hub, TRACE)["calls"]


def test_the_last_traces_are_sent_as_the_hub_ends(make_hub, collector):
    hub = make_hub({"telling": TELLING}, {"otlp": {"endpoint": collector.url}})
    told(mcp.Session(hub, "/mcp/telling"), meta=GIVEN)
    hub.stop()
    assert collector.spans(TRACE)


def test_a_dead_collector_costs_nothing_but_its_traces(make_hub):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    hub = make_hub({"telling": TELLING}, {"otlp": {"endpoint": f"http://127.0.0.1:{port}"}})
    session = mcp.Session(hub, "/mcp/telling")
    for _ in range(20):
        told(session)
    processes.wait_for(lambda: not traces(hub)["export"]["works"], 20, "the state of the collector")
    assert f"127.0.0.1:{port}" in hub.cli("trace").stdout and "does not take traces" in hub.log()
    told(session)
    assert hub.log().count("does not take traces") == 1
    assert wire.http("GET", hub.port, "/health/ready").status == 200


def test_a_slow_collector_delays_no_call_and_no_end(make_hub, collector):
    collector.gate.clear()
    hub = make_hub({"telling": TELLING}, {"otlp": {"endpoint": collector.url}})
    session = mcp.Session(hub, "/mcp/telling")
    told(session)
    processes.wait_for(lambda: collector.requests, 10, "the request that hangs")

    def flood():
        own = mcp.Session(hub, "/mcp/telling")
        for _ in range(600):
            own.call("meta")

    threads = [threading.Thread(target=flood) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # 2,048 wait; what is more is dropped and counted.
    processes.wait_for(lambda: traces(hub)["export"]["dropped"] == 2400 - 2048, 10, "the count of what was dropped")
    assert len(collector.requests) == 1
    # Its end waits two seconds for the collector and no longer.
    assert hub.stop(seconds=6) == 0


@pytest.mark.parametrize("status,log", [(400, "status 400"), (401, "status 401")])
def test_a_collector_that_refuses_is_told_of_once(make_hub, collector, status, log):
    collector.status = status
    hub = make_hub({"telling": TELLING}, {"otlp": {"endpoint": collector.url}})
    told(mcp.Session(hub, "/mcp/telling"))
    processes.wait_for(lambda: traces(hub)["export"]["dropped"] == 1, 10, "the trace that was dropped")
    assert hub.log().count(log) == 1
    collector.status = 200
    told(mcp.Session(hub, "/mcp/telling"))
    processes.wait_for(lambda: traces(hub)["export"]["sent"] == 1, 10, "the trace that was sent")
    assert "takes traces again" in hub.log()


def test_a_full_disk_costs_lines_and_neither_calls_nor_traces(make_hub, collector):
    hub = make_hub({"telling": TELLING}, {"otlp": {"endpoint": collector.url}, "log_level": "debug"})
    session = mcp.Session(hub, "/mcp/telling")
    told(session)
    audit = lambda: json.loads(hub.cli("status", "--json").stdout)["audit"]  # noqa: E731
    processes.wait_for(lambda: audit()["lines"] == 1, 10, "the first line of the audit")
    unlimited = resource.prlimit(hub.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(hub.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
    for turn in range(50):
        told(session, meta={"traceparent": f"00-{turn + 1:032x}-{PARENT}-01"})
    processes.wait_for(lambda: audit()["state"] == "degraded" and audit()["dropped"] == 50, 10, "the audit counting what it loses")
    processes.wait_for(lambda: collector.spans(f"{50:032x}"), 10, "the spans of the last call")
    assert all(collector.spans(f"{turn + 1:032x}") for turn in range(50))
    assert traces(hub, f"{50:032x}")["calls"] and json.loads(hub.cli("top", "--json").stdout)["calls"][0]["calls"] == 51
    resource.prlimit(hub.pid, resource.RLIMIT_FSIZE, unlimited)
    told(session)
    processes.wait_for(lambda: audit()["state"] == "ok", 10, "the audit again")
    assert hub.cli("audit", "verify").returncode == 0


# -- what people see -------------------------------------------------------------------


def test_the_last_calls_are_listed_and_one_is_drawn(make_hub):
    hub = make_hub({"telling": places.our_server("telling.py", "--slow-start", "0.2")}, {"learn_unknown": False})
    assert hub.cli("trace").stdout == "No calls yet.\n"
    session = mcp.Session(hub, "/mcp/telling")
    call(session, "wait", {"ms": 100}, GIVEN)
    call(session, "fail")
    await_calls(hub, 2)
    listed = hub.cli("trace").stdout.splitlines()
    assert listed[0].split() == ["TRACE", "TIME", "CLIENT", "CALL", "OUTCOME", "TOOK"]
    assert "telling fail" in listed[1] and "tool_error" in listed[1] and TRACE[:16] in listed[2] and "\x1b" not in listed[2]
    drawn = hub.cli("trace", TRACE[:6]).stdout
    assert f"trace {TRACE}" in drawn and f"part of the span {PARENT} of its client" in drawn
    rows = {line.split()[0]: line for line in drawn.splitlines() if "█" in line}
    assert {"telling", "admission", "server", "answer"} <= rows.keys()
    [whole] = traces(hub, TRACE)["calls"]
    steps = {step["name"]: step for step in whole["spans"]}
    assert 100_000 <= steps["server"]["us"] <= whole["us"]
    # The bar of the server is most of it.
    assert rows["server"].count("█") >= .5 * rows["telling"].count("█")


def test_the_start_of_a_server_and_the_line_before_it_are_shown(make_hub):
    slow = {**places.our_server("telling.py", "--slow-start", "0.3"), "max_concurrent": 1}
    hub = make_hub({"telling": slow})
    mcp.Session(hub, "/mcp/telling").call("meta")
    # It is known from then on, so that nothing waits for its lists.
    hub.stop()
    hub.start()
    sessions = [mcp.Session(hub, "/mcp/telling") for _ in range(3)]
    threads = [threading.Thread(target=lambda s=s: s.call("wait", {"ms": 150})) for s in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    calls = [traces(hub, x["trace_id"])["calls"][0] for x in await_calls(hub, 3)]
    steps = [{step["name"]: step["us"] for step in x["spans"]} for x in calls]
    assert any(x.get("start", 0) >= 200_000 for x in steps)
    assert sorted(x.get("queue", 0) > 100_000 for x in steps) == [False, True, True]


def test_a_trace_that_is_not_kept_is_said_to_be_so(make_hub):
    hub = make_hub({"telling": TELLING})
    said = hub.cli("trace", "ffff")
    assert said.returncode == 1 and "No trace with this id" in said.stderr
    session = mcp.Session(hub, "/mcp/telling")
    for digit in "12":
        call(session, "meta", meta={"traceparent": f"00-aaa{digit * 29}-{PARENT}-01"})
    await_calls(hub, 2)
    assert "Several traces" in hub.cli("trace", "aaa").stderr
    assert hub.cli("trace", "--limit", "0").returncode == 2


def test_a_refusal_is_a_trace_too(make_hub):
    rules = [{"server": "telling", "tool": "fail", "do": "deny"}]
    hub = make_hub({"telling": TELLING}, {"permissions": rules})
    with pytest.raises(mcp.RpcError):
        call(mcp.Session(hub, "/mcp/telling"), "fail", meta=GIVEN)
    kept = await_calls(hub, 1)[0]
    assert kept["outcome"] == "denied" and kept["trace_id"] == TRACE


def test_calls_are_not_kept_where_nobody_wants_it(make_hub):
    hub = make_hub({"telling": TELLING}, {"telemetry": False})
    told(mcp.Session(hub, "/mcp/telling"))
    processes.wait_for(lambda: (hub.config_dir / "audit.jsonl").exists(), 10, "the audit, which hears of the same calls")
    assert traces(hub)["traces"] == [] and json.loads(hub.cli("top", "--json").stdout)["calls"] == []


# -- the log ---------------------------------------------------------------------------


def log_lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines() if line.startswith('{"ts"')]


def test_the_log_is_json_lines_where_it_is_no_terminal(make_hub):
    env = {"SLM_HUB_LOG_FORMAT": "", "SLM_HUB_LOG_LEVEL": "debug"}
    hub = make_hub({"telling": TELLING}, env=env)
    call(mcp.Session(hub, "/mcp/telling"), "meta", meta=GIVEN)
    about = lambda: [line for line in log_lines(hub.log()) if line.get("trace_id") == TRACE]  # noqa: E731
    processes.wait_for(about, 10, "the line about the call")
    [line] = about()
    assert line["request_id"] == "1" and line["level"] == "debug" and "tools/call meta at server telling" in line["msg"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["ts"])
    ready = [line for line in log_lines(hub.log()) if "server telling is ready" in line["msg"]]
    assert ready and "request_id" not in ready[0]
    hub.stop()
    file = (hub.config_dir / "logs" / "hub.log").read_text()
    assert any(line.get("trace_id") == TRACE for line in log_lines(file))


def test_the_log_is_sentences_where_that_is_wanted(make_hub):
    hub = make_hub({"telling": TELLING}, {"log_format": "text"}, {"SLM_HUB_LOG_FORMAT": "", "SLM_HUB_LOG_LEVEL": "debug"})
    call(mcp.Session(hub, "/mcp/telling"), "meta", meta=GIVEN)
    processes.wait_for(lambda: f"[request 1] [trace {TRACE}]" in hub.log(), 10, "the line about the call")
    assert not log_lines(hub.log())


def test_the_log_is_sentences_on_a_terminal(make_hub):
    hub = make_hub({"telling": TELLING}, start=False)
    master, slave = pty.openpty()
    env = {**hub.env, "SLM_HUB_LOG_FORMAT": ""}
    hub.process = subprocess.Popen(places.hub_command(), env=env, cwd=hub.folder, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
    os.close(slave)
    seen = b""
    while b"server telling is ready" not in seen:
        seen += os.read(master, 4096)
    os.close(master)
    assert b'{"ts"' not in seen and b"info" in seen


# -- health ----------------------------------------------------------------------------


def test_a_hub_that_stops_lives_but_takes_no_more_calls(make_hub):
    hub = make_hub({"plain": places.our_server("plain.py")})
    door = wire.http_client(hub.port)

    def health(path) -> tuple[int, str]:
        door.request("GET", path)
        answer = door.getresponse()
        return answer.status, json.loads(answer.read())["status"]

    for path in ("/health", "/healthz", "/health/live", "/health/ready"):
        assert health(path) == (200, "ok")
    session = mcp.Session(hub, "/mcp/plain")
    stream = session.stream("tools/call", {"name": "count", "arguments": {"steps": 30, "ms": 50}, "_meta": {"progressToken": 1}})
    next(iter(stream))
    os.kill(hub.pid, signal.SIGTERM)
    processes.wait_for(lambda: health("/health/ready") == (503, "stopping"), 3, "the hub being told to stop")
    assert health("/health/live") == health("/health") == (200, "stopping")
    stream.close()
    door.close()
    assert hub.process.wait(10) == 0
