"""A recorded day of calls, replayed against the real servers with cache, prices, budgets and learning on, and a hub that is killed at noon.

What is expected is worked out here, from the rules in docs/configuration.md and docs/ledger.md and from what clients saw, and shares nothing with the hub. The day is `day/day.jsonl`; `day/record.py` makes it.
"""

import collections
import dataclasses
import fnmatch
import http.client
import json
import signal
import threading
import time
from decimal import Decimal

import pytest
from day import place
from test_metrics import reader, scrape, value

from rig import mcp, processes

# The ten hours of the day take this long, and more where servers are slow.
REAL_SECONDS = 12
NOON = 12 * 3600 + 1800

# Results that are kept, for longer than the replay.
KEPT = {
    "filesystem": ["read_text_file", "list_directory"],
    "git": ["git_log", "git_show"],
    "memory": ["search_nodes", "read_graph"],
    "time": ["convert_time"],
    "everything": ["echo", "get-sum", "get-tiny-image"],
}

# Cents for each call, as the file says them; the first that matches counts.
PRICES = {
    "git": {"git_log": "0.333333", "git_*": "0.5"},
    "everything": {"get-*": "0.25", "*": "0.1"},
    "memory": {"create_*": "1.7", "*": "0.000001"},
    "time": {"convert_time": "0.07", "*": "0"},
}

# By the pattern of the tool: what it may cost in all. Both are less than the day would.
BUDGETS = {"everything__*": Decimal("2.05"), "memory__create_*": Decimal("6.8")}


def price_of(server: str, tool: str) -> Decimal:
    found = (cents for pattern, cents in PRICES.get(server, {}).items() if fnmatch.fnmatchcase(tool, pattern))
    return Decimal(next(found, "0"))


def exact(number) -> Decimal:
    """Of a number in JSON, which was read as text."""
    return Decimal(str(number))


def cost(hub, *options) -> dict:
    return json.loads(hub.cli("cost", "--json", *options).stdout, parse_float=Decimal)


def audit(hub) -> list[dict]:
    listed = hub.cli("audit", "list", "--json", "--limit", "10000")
    assert listed.returncode == 0, listed.stderr
    return json.loads(listed.stdout)["lines"]


@dataclasses.dataclass
class Made:
    """A call that was made and answered."""

    line: dict
    begun: float
    ended: float
    life: int
    error: bool
    meta: dict
    content: str

    @property
    def key(self) -> str:
        return json.dumps([self.line["server"], self.line["tool"], self.line["arguments"]], sort_keys=True)

    @property
    def use(self) -> str | None:
        return self.meta.get("hub/cache")

    @property
    def refused(self) -> bool:
        return "hub/budget" in self.meta

    @property
    def spent(self) -> Decimal:
        """By the rules: what fails is free, and so is what the cache answers."""
        free = self.error or self.refused or self.use in ("hit", "shared")
        return Decimal(0) if free else price_of(self.line["server"], self.line["tool"])


class Replay:
    """All clients of the day at one hub, which may die under them."""

    def __init__(self, hub, day: list[dict]):
        self.hub, self.day = hub, day
        self.lock = threading.Lock()
        self.made: list[Made] = []
        self.lost: list[dict] = []
        self.wrong: list[str] = []
        self.life = 0
        self.alive = threading.Event()
        self.alive.set()

    def run(self, at_noon):
        self.first = place.seconds_of(self.day[0]["at"])
        self.scale = REAL_SECONDS / (place.seconds_of(self.day[-1]["at"]) - self.first)
        self.start = time.monotonic()
        by_client = collections.defaultdict(list)
        for line in self.day:
            by_client[line["client"]].append(line)
        threads = [threading.Thread(target=self.live, args=each) for each in by_client.items()]
        for thread in threads:
            thread.start()
        self.wait_until(NOON)
        at_noon()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads) and not self.wrong, self.wrong

    def wait_until(self, moment: int):
        pause = self.start + (moment - self.first) * self.scale - time.monotonic()
        threading.Event().wait(max(pause, 0))

    def live(self, name: str, lines: list[dict]):
        clients = {}
        try:
            for line in lines:
                self.wait_until(place.seconds_of(line["at"]))
                while not self.call(clients, name, line):
                    assert self.alive.wait(30), "the hub did not come back"
        except Exception as wrong:  # noqa: BLE001
            self.wrong.append(f"{name}: {wrong!r}")

    def call(self, clients: dict, name: str, line: dict) -> bool:
        """Makes a call; false if the hub died before it answered."""
        door, life = line["door"], self.life
        tool = line["tool"]
        if door == "/mcp":
            tool = f"{line['server'].replace('-', '_')}__{tool}"
        try:
            if door not in clients:
                clients[door] = mcp.Session(self.hub, door, name=name)
            client = clients[door]
            number = next(client.ids)
            begun = time.monotonic()
            message = client.post(mcp.request("tools/call", {"name": tool, "arguments": line["arguments"]}, number)).message
            ended = time.monotonic()
        except (OSError, http.client.HTTPException):
            with self.lock:
                self.lost.append(line)
            assert life != self.life or not self.alive.is_set() or self.hub.process.poll() is not None, "a hub that runs gave no answer"
            return False
        assert message["id"] == number
        result = message.get("result", {})
        made = Made(line, begun, ended, life, "error" in message or result.get("isError") is True, result.get("_meta", {}), json.dumps(result.get("content")))
        with self.lock:
            self.made.append(made)
        return True

    def kill(self):
        """Ends the hub as a power cut would, and starts it again."""
        self.alive.clear()
        self.hub.process.send_signal(signal.SIGKILL)
        self.hub.process.wait()
        self.life += 1
        self.hub.start()
        self.alive.set()


def hints(hub, folder) -> tuple[set, set, set]:
    """The tools whose results are kept, those of which only calls at the same time share one, and those that may write, by the rules."""
    reads, shares, writes = set(), set(), set()
    for server in place.servers(folder):
        for tool in mcp.Session(hub, f"/mcp/{server}").ask("tools/list")["tools"]:
            annotations = tool.get("annotations", {})
            only_reads = annotations.get("readOnlyHint")
            if tool["name"] in KEPT.get(server, []) and only_reads is not False:
                reads.add((server, tool["name"]))
            elif server not in KEPT and only_reads is True and annotations.get("idempotentHint") is True:
                shares.add((server, tool["name"]))
            elif only_reads is not True:
                writes.add((server, tool["name"]))
    return reads, shares, writes


def name_of(made: Made) -> tuple[str, str]:
    return made.line["server"], made.line["tool"]


def check_cache(made: list[Made], reads: set, shares: set, writes: set) -> tuple[int, int]:
    """Each call is what the rules say; returns how many hits there must be, and may be. Between those are calls that ran beside a write."""
    must, may = 0, 0
    asked = collections.Counter()
    for call in made:
        if call.refused:
            # Not found, and its server was not asked; whoever waited for the same may have been refused with it.
            assert call.use in (None, "shared"), call
            continue
        if name_of(call) not in reads:
            assert call.use in (("miss", "shared") if name_of(call) in shares else (None,)), call
            continue
        equal = [x for x in made if x.key == call.key and x.life == call.life and x is not call]
        before = [x for x in equal if not x.error]
        changes = [x for x in made if name_of(x) in writes and x.line["server"] == call.line["server"] and x.life == call.life]

        def kept(x):
            # Whatever else happened, there was no write from when it was asked for.
            return x.ended < call.begun and not any(w.ended > x.begun and w.begun < call.ended for w in changes)

        def possible(x):
            # A write that was refused or failed may not have been one.
            between = (w for w in changes if w.begun > x.ended and w.ended < call.begun and not w.error and not w.refused)
            return x.begun < call.ended and not any(between)

        is_kept, is_possible = any(map(kept, before)), any(map(possible, before))
        must += is_kept
        may += is_possible
        if is_kept and call.use == "miss":
            # A server that asks for roots as it starts may have asked within the read before, whose result could then be for its client alone.
            must -= 1
            asked[call.line["server"], call.life] += 1
            assert asked[call.line["server"], call.life] <= 1, call
        elif is_kept:
            assert call.use == "hit", call
        if call.use == "hit":
            assert is_possible, call
        if call.use == "shared":
            assert any(x.begun < call.ended and x.ended > call.begun for x in equal), call
    return must, may


def subsets(amounts: list[Decimal]) -> set:
    found = {Decimal(0)}
    for amount in amounts:
        found |= {x + amount for x in found}
    return found


@pytest.fixture
def day_hub(make_hub, tmp_path):
    folder = tmp_path / "work"
    place.make_folder(folder)
    servers = place.servers(folder)
    for name, tools in KEPT.items():
        servers[name]["cache"] = {"mode": "off", "tools": dict.fromkeys(tools, 3600)}
    for name, prices in PRICES.items():
        servers[name]["prices"] = {pattern: float(cents) for pattern, cents in prices.items()}
    budgets = [{"scope": f"tool:{pattern}", "per": "ever", "cents": float(cents)} for pattern, cents in BUDGETS.items()]
    hub = make_hub(servers, {"audit": {"arguments": True}, "budgets": budgets, "learning": True})

    def known():
        return {tool["server"] for tool in json.loads(hub.cli("tools", "--json").stdout)["tools"]} == set(servers)
    processes.wait_for(known, 60, "the tools")
    return hub, folder


def test_a_recorded_day_adds_up_though_the_hub_is_killed_at_noon(day_hub):
    hub, folder = day_hub
    day = place.load(folder)
    metrics = reader(hub)
    reads, shares, writes = hints(hub, folder)
    replay = Replay(hub, day)
    acknowledged, seen_at = [], 0.0

    def at_noon():
        nonlocal acknowledged, seen_at
        seen_at = time.monotonic()
        acknowledged = audit(hub)
        replay.kill()
    replay.run(at_noon)
    made = replay.made

    # Each call has one answer; those that the hub did not live to answer were made again, by the same sessions.
    assert collections.Counter(x.key for x in made) == collections.Counter(Made(line, 0, 0, 0, False, {}, "").key for line in day)
    assert {x.life for x in made} == {0, 1}
    answered = {x.key: x.content for x in made if x.line["tool"] == "convert_time" and not x.error}
    assert answered and all(x.content == answered[x.key] for x in made if x.key in answered)

    # The cache.
    hits = [x for x in made if x.use == "hit"]
    must, may = check_cache(made, reads, shares, writes)
    assert must <= len(hits) <= may and must >= 20 and may - must <= len(day) / 20
    figures = json.loads(hub.cli("cache", "stats", "--json").stdout)["servers"]
    for kind, use in (("hits", "hit"), ("misses", "miss"), ("shared", "shared")):
        told = {x["server"]: x[kind] for x in figures if x[kind]}
        assert told == collections.Counter(x.line["server"] for x in made if x.life == 1 and x.use == use), kind

    # Costs, exactly; what was under way as the hub died may have been settled before.
    for x in made:
        assert exact(x.meta.get("hub/cost", {}).get("cents", 0)) == x.spent, x
    spent = sum((x.spent for x in made), Decimal(0))
    lost = subsets([price_of(line["server"], line["tool"]) for line in replay.lost])
    told = cost(hub)
    assert exact(told["total"]["cents"]) - spent in lost
    for rows in (told["rows"], cost(hub, "--by", "client")["rows"], cost(hub, "--by", "server")["rows"]):
        assert sum((exact(row["cents"]) for row in rows), Decimal(0)) == exact(told["total"]["cents"])
    for client in {x.line["client"] for x in made}:
        paid = sum((x.spent for x in made if x.line["client"] == client), Decimal(0))
        row = sum((exact(x["cents"]) for x in cost(hub, "--by", "client")["rows"] if x["client"] == client), Decimal(0))
        assert row - paid in lost, client

    # No budget was overspent, and none refused what it had money for.
    left = {x["scope"].removeprefix("tool:"): exact(x["cents"]) - exact(x["spent_cents"]) for x in told["budgets"]}
    for pattern, limit in BUDGETS.items():
        concerned = [x for x in made if fnmatch.fnmatchcase("__".join(name_of(x)), pattern)]
        paid = sum((x.spent for x in concerned), Decimal(0))
        assert paid <= limit and limit - left[pattern] - paid in lost and left[pattern] >= 0
        refused = [x for x in concerned if x.refused]
        assert refused, pattern
        for x in refused:
            # What was spent when it was answered, and what others had reserved.
            at_most = sum((y.spent or price_of(*name_of(y)) for y in concerned if y is not x and not y.refused and y.begun < x.ended), Decimal(0))
            assert at_most + max(lost) + price_of(*name_of(x)) > limit, x
    assert not any(x.refused for x in made if not any(fnmatch.fnmatchcase("__".join(name_of(x)), p) for p in BUDGETS))

    # The audit: nothing that it had shown is gone, and all else is there but for the moment before the kill.
    def all_lines():
        return len(audit(hub)) >= len(made) - sum(seen_at < x.ended and x.life == 0 for x in made)
    processes.wait_for(all_lines, 10, "the lines of the audit")
    lines = audit(hub)
    assert acknowledged and lines[: len(acknowledged)] == acknowledged
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert hub.cli("audit", "verify").returncode == 0
    key = lambda x: json.dumps([x["server"], x["tool"], x["arguments"]], sort_keys=True)
    written = collections.Counter(key({**x, "arguments": json.loads(x["arguments"])}) for x in lines)
    owed = collections.Counter(x.key for x in made if x.life == 1 or x.ended < seen_at - 1)
    assert not owed - written
    assert not written - collections.Counter(x.key for x in made) - collections.Counter(key(x) for x in replay.lost)

    # Metrics and savings tell of the hub since it was started again, and of the same.
    after = [x for x in made if x.life == 1]
    processes.wait_for(lambda: value(scrape(hub, metrics), "slm_hub_calls_total", mcp_method_name="tools/call") >= len(after), 10, "the calls to be counted")
    samples = scrape(hub, metrics)
    assert value(samples, "slm_hub_calls_total", mcp_method_name="tools/call") == len(after)
    for use in ("hit", "miss", "shared"):
        assert value(samples, "slm_hub_cache_total", result=use) == sum(x.use == use for x in after), use
    assert abs(Decimal(value(samples, "slm_hub_cost_cents_total")) - sum((x.spent for x in after), Decimal(0))) < Decimal("0.000001")
    spared = sum(x.use in ("hit", "shared") for x in after)
    assert told["savings"]["results"] == spared
    assert json.loads(hub.cli("learn", "show", "--json").stdout)["calls"] > 0
