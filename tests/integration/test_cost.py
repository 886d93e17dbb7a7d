"""What calls cost: prices, budgets that stop them, cascades, and what outlives the hub."""

import csv
import io
import json
import signal
import threading

import pytest

from rig import mcp, places, processes, wire
from rig.mcp import text_of


def priced(record=None, *arguments, **entry) -> dict:
    given = ["--record", str(record)] if record else []
    return {**places.our_server("priced.py", *given, *arguments), **entry}


def daily(cents, scope="global", per="day") -> dict:
    return {"scope": scope, "per": per, "cents": cents}


@pytest.fixture
def known_hub(make_hub):
    """Makes hubs that know the tools of their servers."""
    def make(servers: dict, settings: dict | None = None):
        hub = make_hub(servers, settings)

        def known():
            listed = json.loads(hub.cli("tools", "--json").stdout)["tools"]
            return {tool["server"] for tool in listed} == set(servers)
        processes.wait_for(known, 30, "the tools")
        return hub
    return make


def calls(record, tool=None) -> int:
    return len([x for x in record.events("call") if tool in (None, x["detail"]["name"])])


def cost(hub, *options) -> dict:
    return json.loads(hub.cli("cost", "--json", *options).stdout)


def is_refusal(result: dict) -> bool:
    return result.get("isError") is True and "hub/budget" in result["_meta"]


def at_once(work: list) -> list:
    """Does all of it at the same time; the results in the same order."""
    results = [None] * len(work)
    gate = threading.Barrier(len(work))

    def do(place):
        gate.wait()
        try:
            results[place] = work[place]()
        except Exception as wrong:  # noqa: BLE001
            results[place] = wrong
    threads = [threading.Thread(target=do, args=(i,)) for i in range(len(work))]
    for x in threads:
        x.start()
    for x in threads:
        x.join(60)
    return results


def test_a_call_says_what_it_cost_and_the_command_tells_all(known_hub, record):
    servers = {"p": priced(record, cost_per_call_cents=0.1, prices={"tell": {"field": "usage.cost", "unit": "dollars"}, "fail": 9}), "free": priced()}
    hub = known_hub(servers)
    session, modern = mcp.Session(hub), mcp.Modern(hub, "/mcp/p")
    for _ in range(3):
        assert session.call("p__search")["_meta"]["hub/cost"] == {"cents": 0.1}
    assert modern.call("tell", {"dollars": 0.0123})["_meta"]["hub/cost"] == {"cents": 1.23}
    assert "hub/cost" not in session.call("p__fail").get("_meta", {})
    assert "hub/cost" not in session.call("free__search").get("_meta", {})
    told = cost(hub)
    assert [(x["server"], x["tool"], x["calls"], x["cents"]) for x in told["rows"]] == [("p", "tell", 1, 1.23), ("p", "search", 3, 0.3)]
    assert told["total"]["cents"] == 1.53
    assert [(x["client"], x["cents"]) for x in cost(hub, "--by", "client")["rows"]] == [("rig", 1.53)]
    assert [x["cents"] for x in cost(hub, "--by", "server", "--days", "1")["rows"]] == [1.53]
    rows = list(csv.DictReader(io.StringIO(hub.cli("cost", "--by", "day", "--csv").stdout)))
    assert [(x["calls"], x["cents"]) for x in rows] == [("4", "1.53")]
    table = hub.cli("cost").stdout
    assert "1.53 cents spent" in table and "p tell" in table


@pytest.mark.parametrize("make", [mcp.Session, mcp.Modern])
@pytest.mark.parametrize("door", ["/mcp", "/mcp/p", "by the meta-tool"])
def test_a_budget_stops_a_call_in_words_at_every_door(known_hub, record, make, door):
    hub = known_hub({"p": priced(record, cost_per_call_cents=2)}, {"budgets": [daily(5)]})
    client = make(hub, "/mcp/p" if door == "/mcp/p" else "/mcp")

    def search():
        if door == "by the meta-tool":
            return client.call("hub__call_tool", {"tool": "p__search", "arguments": {}})
        return client.call("search" if door == "/mcp/p" else "p__search")
    assert [is_refusal(search()) for _ in range(2)] == [False, False]
    refused = search()
    assert is_refusal(refused) and calls(record) == 2
    for part in ("may cost 2 cents", "4 of 5 cents are spent", '"global per day"', "00:00 UTC", "No cheaper equivalent is known"):
        assert part in text_of(refused)
    assert refused["_meta"]["hub/budget"]["spent_cents"] == 4
    assert cost(hub)["budgets"][0] | {"resets_at": ""} == {"scope": "global", "per": "day", "cents": 5, "spent_cents": 4, "resets_at": ""}


def test_fifty_clients_at_once_do_not_overspend(known_hub, record):
    hub = known_hub({"p": priced(record, cost_per_call_cents=3)}, {"budgets": [daily(100)]})
    clients = [(mcp.Modern if i % 2 else mcp.Session)(hub, "/mcp/p") for i in range(50)]
    results = at_once([lambda c=c: [c.call("slow", {"ms": 20}, timeout=60) for _ in range(4)] for c in clients])
    answers = [x for each in results for x in each]
    paid = [x for x in answers if not is_refusal(x)]
    assert len(answers) == 200 and len(paid) == 33
    assert calls(record) == 33
    assert cost(hub)["total"]["cents"] == 99


def test_what_fails_is_not_paid(known_hub, record):
    hub = known_hub({"p": priced(record, cost_per_call_cents=1)}, {"budgets": [daily(1)]})
    client = mcp.Session(hub)
    for _ in range(3):
        assert text_of(client.call("p__fail")) == "no luck"
    assert client.call("hub__call_tool", {"tool": "p__die", "arguments": {}})["isError"]
    with pytest.raises(mcp.RpcError):
        client.call("p__nothing")
    assert cost(hub)["total"]["calls"] == 0
    assert not is_refusal(client.call("p__search"))
    assert is_refusal(client.call("p__search"))


def test_scopes_count_for_whom_they_are(known_hub):
    budgets = [daily(1, "session", "ever"), daily(3, "client:rig"), daily(0, "tool:p__slow")]
    hub = known_hub({"p": priced(cost_per_call_cents=1)}, {"budgets": budgets})
    first, second, third, fourth = [mcp.Session(hub) for _ in range(4)]
    assert is_refusal(first.call("p__slow", {"ms": 1}))
    assert [is_refusal(x.call("p__search")) for x in (first, first, second, third, fourth)] == [False, True, False, False, True]


def test_spending_outlives_a_restart_and_a_changed_limit_counts_at_once(known_hub, record):
    hub = known_hub({"p": priced(record, cost_per_call_cents=1)}, {"budgets": [daily(2, per="month")]})
    assert not is_refusal(mcp.Session(hub).call("p__search"))
    hub.stop()
    hub.start()
    client = mcp.Session(hub)
    assert [is_refusal(client.call("p__search")) for _ in range(2)] == [False, True]
    hub.settings["budgets"] = [daily(3, per="month")]
    hub.configure({"p": priced(record, cost_per_call_cents=1)})
    assert hub.cli("reload").returncode == 0
    assert [is_refusal(client.call("p__search")) for _ in range(2)] == [False, True]
    assert cost(hub)["total"]["cents"] == 3


def test_a_killed_hub_loses_no_cost_of_a_call_that_it_answered(known_hub, record):
    hub = known_hub({"p": priced(record, cost_per_call_cents=1)}, {"budgets": [daily(100_000)]})
    answered = [0] * 20
    enough = threading.Event()

    def work(place):
        client = mcp.Session(hub)
        try:
            while True:
                answered[place] += not is_refusal(client.call("p__search"))
                if sum(answered) > 300:
                    enough.set()
        except Exception:  # noqa: BLE001 - the hub is gone
            return
    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(answered))]
    for x in threads:
        x.start()
    assert enough.wait(60)
    hub.expects_clean_exit = False
    hub.stop(signal.SIGKILL)
    for x in threads:
        x.join(60)
    hub.start()
    told = cost(hub)
    assert sum(answered) <= told["total"]["calls"] <= calls(record)
    assert told["budgets"][0]["spent_cents"] == told["total"]["cents"]


def test_a_kept_result_costs_nothing(known_hub, record):
    hub = known_hub({"p": priced(record, cost_per_call_cents=2, cache="ttl")}, {"budgets": [daily(2)]})
    client = mcp.Session(hub)
    uses = [client.call("p__read") for _ in range(3)]
    assert [x["_meta"]["hub/cache"] for x in uses] == ["miss", "hit", "hit"]
    total = cost(hub)["total"]
    assert (total["cents"], total["saved_cents"], total["saved_calls"]) == (2, 4, 2)


CASCADE = {"find": ["dear__search", {"tool": "cheap__search", "arguments": {"query": "q", "depth": None}, "fixed": {"lang": "en"}}, "free__search"]}


def test_a_cascade_takes_the_cheapest_that_works_and_says_which(known_hub, record, tmp_path):
    servers = {"dear": priced(record, cost_per_call_cents=5), "cheap": priced(record, cost_per_call_cents=1), "free": priced(record, "--broken")}
    hub = known_hub(servers, {"cascades": CASCADE, "budgets": [daily(2, "tool:cheap__*")]})
    client = mcp.Session(hub)
    asked = {"query": "cats", "depth": 3, "more": True}
    first = client.call("dear__search", asked)
    assert json.loads(text_of(first)) == {"q": "cats", "lang": "en", "more": True}
    assert first["_meta"]["hub/cost"] == {"cents": 1}
    assert first["_meta"]["hub/cascade"] == {"name": "find", "tool": "cheap__search", "tried": [{"tool": "free__search", "why": "out of order"}]}
    # The one that failed is not tried first again for a while.
    second = client.call("hub__call_tool", {"tool": "cheap__search", "arguments": {"q": "dogs"}})
    assert second["_meta"]["hub/cascade"]["tried"] == []
    # The budget of the cheap one is spent.
    third = mcp.Modern(hub).call("cheap__search", {"q": "mice"})
    assert json.loads(text_of(third)) == {"query": "mice"}
    assert third["_meta"]["hub/cascade"] == {"name": "find", "tool": "dear__search", "tried": [{"tool": "cheap__search", "why": "over budget"}]}
    # A tool behind the door of its server is the one that was meant.
    alone = mcp.Session(hub, "/mcp/dear").call("search", {"query": "x"})
    assert "hub/cascade" not in alone["_meta"] and alone["_meta"]["hub/cost"] == {"cents": 5}
    assert {x["server"]: x["cents"] for x in cost(hub, "--by", "server")["rows"]} == {"dear": 10, "cheap": 2}


def test_a_cascade_goes_on_when_a_server_does_not_start(known_hub, record):
    dead = {"command": "/bin/false"}
    hub = known_hub({"dear": priced(record, cost_per_call_cents=5)})
    hub.settings["cascades"] = {"find": ["dead__search", "dear__search"]}
    hub.configure({"dead": dead, "dear": priced(record, cost_per_call_cents=5)})
    assert hub.cli("reload").returncode == 0
    result = mcp.Session(hub).call("dear__search", {"query": "a"})
    assert result["_meta"]["hub/cascade"]["tool"] == "dear__search"
    assert [x["tool"] for x in result["_meta"]["hub/cascade"]["tried"]] == ["dead__search"]


def test_a_cascade_does_not_lead_to_what_is_denied(known_hub, record):
    rules = [{"server": "cheap", "do": "deny"}]
    hub = known_hub({"dear": priced(record, cost_per_call_cents=5), "cheap": priced(record)},
                    {"cascades": {"find": ["cheap__search", "dear__search"]}})
    assert mcp.Session(hub).call("dear__search")["_meta"]["hub/cascade"]["tool"] == "cheap__search"
    hub.settings["permissions"] = rules
    hub.configure({"dear": priced(record, cost_per_call_cents=5), "cheap": priced(record)})
    assert hub.cli("reload").returncode == 0, hub.cli("reload").stderr
    result = mcp.Session(hub).call("dear__search")
    assert result["_meta"]["hub/cost"] == {"cents": 5} and "hub/cascade" not in result["_meta"]


def test_a_refusal_at_the_door_of_a_server_names_cheaper_tools(known_hub, record):
    hub = known_hub({"dear": priced(record, cost_per_call_cents=5), "cheap": priced(record, cost_per_call_cents=1)},
                    {"cascades": {"find": ["cheap__search", "dear__search"]}, "budgets": [daily(4)]})
    refused = mcp.Session(hub, "/mcp/dear").call("search")
    assert is_refusal(refused) and "Cheaper equivalents: cheap__search (1 cent)" in text_of(refused)


def test_a_refusal_names_no_tool_that_has_just_failed(known_hub, record):
    servers = {"dear": priced(record, cost_per_call_cents=5), "good": priced(cost_per_call_cents=2),
               "cheap": priced(None, "--broken", cost_per_call_cents=1)}
    hub = known_hub(servers, {"cascades": {"find": ["cheap__search", "good__search", "dear__search"]}, "budgets": [daily(4)]})
    used = mcp.Session(hub).call("dear__search")
    assert used["_meta"]["hub/cascade"]["tool"] == "good__search" and used["_meta"]["hub/cascade"]["tried"][0]["tool"] == "cheap__search"
    refused = text_of(mcp.Session(hub, "/mcp/dear").call("search"))
    assert "Cheaper equivalents: good__search (2 cents)." in refused


def test_what_is_spared_is_counted(known_hub, record):
    hub = known_hub({"a": priced(record, cache="ttl"), "b": priced()})
    before = cost(hub)["savings"]
    clients = [mcp.Session(hub) for _ in range(3)]
    for x in clients:
        x.ask("tools/list")
    mcp.Session(hub, "/mcp/a").ask("tools/list")
    results = [clients[0].call("a__read") for _ in range(3)]
    size = len(json.dumps({"content": results[0]["content"]}, separators=(",", ":")))
    told = cost(hub)["savings"]
    changed = {key: told[key] - before[key] for key in told}
    assert changed["lists"] == 3
    assert changed["definition_bytes"] >= 0 and changed["reply_bytes"] > 0
    assert changed["results"] == 2 and abs(changed["result_bytes"] - 2 * size) < 40
    # Three sessions at both servers, and one at one.
    assert changed["processes_wanted"] == 7
    assert 1 <= told["processes_started"] <= 4
    assert "Spared since" in hub.cli("cost").stdout
    hub.stop()
    hub.start()
    again = cost(hub)["savings"]
    assert {k: again[k] for k in again if k != "processes_started"} == {k: told[k] for k in told if k != "processes_started"}
    assert again["processes_started"] >= told["processes_started"]


def test_prices_are_shown_with_where_they_come_from(make_hub):
    exa = {"url": "https://mcp.exa.ai/mcp", "prices": {"mine": {"per_call": 0.5, "per_kb": 0.02}}}
    hub = make_hub({"exa": exa}, {"prices": {"exa__crawl*": 2}}, start=False)
    lines = [line.split("  ") for line in hub.cli("cost", "--prices").stdout.splitlines()]
    lines = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert ["exa", "mine", "0.5 a call + 0.02 a KB", 'server "exa": prices'] in lines
    assert ["exa", "exa__crawl*", "2 a call", "prices"] in lines
    assert any(line[1].startswith("web_search") and line[3].startswith("known price of 20") for line in lines[1:])


def test_the_cost_stands_in_the_audit_and_in_the_metrics(known_hub):
    hub = known_hub({"p": priced(cost_per_call_cents=0.25)})
    client = mcp.Session(hub)
    for _ in range(2):
        client.call("p__search")

    def written():
        lines = [json.loads(x) for x in hub.cli("audit", "export", "--tool", "search").stdout.splitlines()]
        return [x.get("cost_cents") for x in lines] == [0.25, 0.25]
    processes.wait_for(written, 10, "the lines of the audit")
    token = json.loads(hub.cli("token", "create", "metrics", "--role", "metrics", "--json").stdout)["token"]
    text = wire.http("GET", hub.port, "/metrics", headers={"Authorization": f"Bearer {token}"}).body.decode()
    assert 'slm_hub_cost_cents_total{mcp_method_name="tools/call",slm_hub_server="p",gen_ai_tool_name="search"} 0.5' in text
