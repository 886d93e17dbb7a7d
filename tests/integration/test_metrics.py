"""What the hub tells of itself: /metrics read by Prometheus's own parser, `top`, and who may see them."""

import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from rig import mcp, places, processes, wire


@pytest.fixture
def hub(make_hub):
    return make_hub({"plain": places.our_server("plain.py"), "rest": places.our_server("plain.py", "--name", "rest")})


def scrape(hub, headers=None):
    reply = wire.http("GET", hub.port, "/metrics", headers=headers or {})
    assert reply.status == 200 and reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {}
    for family in text_string_to_metric_families(reply.body.decode()):
        assert family.documentation and family.type != "unknown", family.name
        for sample in family.samples:
            assert (sample.name, tuple(sorted(sample.labels.items()))) not in found, sample
            found[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    return found


def value(samples, name, **labels):
    return sum(v for (n, l), v in samples.items() if n == name and labels.items() <= dict(l).items())


def reader(hub, role="metrics"):
    return {"Authorization": "Bearer " + json.loads(hub.cli("token", "create", role, "--role", role, "--json").stdout)["token"]}


def test_calls_and_servers_are_counted_as_prometheus_reads_them(hub):
    headers = reader(hub)
    session = mcp.Session(hub, "/mcp/plain")
    for turn in range(5):
        session.call("echo", {"text": str(turn)})
    session.call("fail")
    mcp.Modern(hub).call("hub__call_tool", {"tool": "plain__echo", "arguments": {"text": "meta"}})
    echo = {"slm_hub_server": "plain", "gen_ai_tool_name": "echo", "mcp_method_name": "tools/call"}
    processes.wait_for(lambda: value(scrape(hub, headers), "slm_hub_calls_total", **echo, outcome="ok") == 6, 10, "six calls counted")
    samples = scrape(hub, headers)
    assert value(samples, "slm_hub_calls_total", gen_ai_tool_name="fail", outcome="tool_error") == 1
    assert value(samples, "mcp_server_operation_duration_seconds_count", **echo) == 6
    assert value(samples, "mcp_server_operation_duration_seconds_bucket", **echo, le="+Inf") == 6
    buckets = [v for (n, l), v in samples.items() if n.endswith("_bucket") and echo.items() <= dict(l).items()]
    assert buckets == sorted(buckets)
    assert value(samples, "slm_hub_backend_up", server="plain") == 1 and value(samples, "slm_hub_backend_up", server="rest") == 0
    assert value(samples, "slm_hub_backend_resident_bytes", server="plain") > 1_000_000
    assert value(samples, "slm_hub_calls_in_flight") == 0 and value(samples, "process_cpu_seconds_total") > 0
    assert not any("session" in dict(l) or "client" in dict(l) for _, l in samples)


def test_over_tcp_only_a_token_for_it_may_read_the_metrics(hub):
    assert wire.http("GET", hub.port, "/metrics").status == 403
    metrics, user = reader(hub), reader(hub, "user")
    assert wire.http("GET", hub.port, "/metrics").status == 401
    assert wire.http("GET", hub.port, "/metrics", headers=user).status == 403
    assert wire.http("GET", hub.port, "/metrics", headers=metrics).status == 200
    # It opens nothing else.
    assert wire.http("GET", hub.port, "/api/status", headers=metrics).status == 403
    assert wire.http("POST", hub.port, "/metrics", headers=metrics).status == 405


def test_a_refusal_names_the_role_that_opens_the_metrics(hub):
    told = json.loads(wire.http("GET", hub.port, "/metrics").body)
    assert "--role metrics" in told["fix"], told
    assert "--role admin" in json.loads(wire.http("GET", hub.port, "/api/status").body)["fix"]


def test_top_shows_what_the_cache_answered_and_what_calls_cost(make_hub):
    hub = make_hub({"p": {**places.our_server("priced.py"), "cost_per_call_cents": 0.25, "cache": "ttl"}})
    session = mcp.Session(hub, "/mcp/p")
    for _ in range(3):
        session.call("read")
    processes.wait_for(lambda: [x["calls"] for x in json.loads(hub.cli("top", "--json").stdout)["calls"]] == [3], 10, "the calls counted")
    head, row = hub.cli("top", "--once").stdout.splitlines()[-2:]
    assert head.split()[-2:] == ["CACHED", "CENTS"] and row.split()[-2:] == ["2", "0.25"], (head, row)


def test_top_shows_calls_and_servers(hub):
    session = mcp.Session(hub, "/mcp/plain")
    session.call("wait", {"ms": 30})
    with pytest.raises(mcp.RpcError):
        session.call("fault")
    processes.wait_for(lambda: len(json.loads(hub.cli("top", "--json").stdout)["calls"]) == 2, 10, "both calls counted")
    calls = {call["tool"]: call for call in json.loads(hub.cli("top", "--json").stdout)["calls"]}
    (server,) = json.loads(hub.cli("top", "--json").stdout)["servers"]
    for key in ("calls", "request_bytes", "answer_bytes"):
        assert server[key] == sum(call[key] for call in calls.values())
    assert server["p50_ms"] <= server["p95_ms"] <= server["p99_ms"] <= max(call["p99_ms"] for call in calls.values())
    traffic = json.loads(hub.cli("status", "--json").stdout)["traffic"]
    assert traffic["servers"] == [server] and {tool["tool"] for tool in traffic["tools"]} == set(calls)
    assert calls["wait"]["calls"] == 1 and calls["wait"]["errors"] == 0 and calls["wait"]["p50_ms"] >= 20
    assert calls["fault"]["errors"] == 1
    shown = hub.cli("top").stdout
    assert "plain wait" in shown and "ready" in shown and "\x1b" not in shown
    assert hub.cli("top", "--interval", "0").returncode == 2
