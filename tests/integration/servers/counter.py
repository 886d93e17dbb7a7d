"""A server that tells how often it was asked, so that a test sees what did not reach it.

Usage: counter.py [--record FILE] [--era modern] [--ttl MS] [--scope private|public]
`peek` and `slow` say that they only read and may be repeated, `look` says only that it reads, `add` says nothing.
With --ttl, resources say how long they are good for.
"""

import argparse

from basis import META, Later, Server, later, send, text

options = argparse.ArgumentParser()
options.add_argument("--record")
options.add_argument("--era", choices=["handshake", "modern"], default="handshake")
options.add_argument("--ttl", type=int)
options.add_argument("--scope", default="private")

READS = {"annotations": {"readOnlyHint": True, "idempotentHint": True}}


class Counter(Server):
    name = "counter"
    capabilities = {"tools": {}, "resources": {}, "logging": {}}

    def __init__(self, given):
        super().__init__(given.record)
        self.modern = given.era == "modern"
        self.freshness = {"ttlMs": given.ttl, "cacheScope": given.scope} if given.ttl is not None else {}
        self.value = 0
        key = {"key": {"type": "string"}}
        self.tool("peek", self.peek, "Tells the value", key, **READS)
        self.tool("slow", self.slow, "Tells the value after a while, with progress and a log line", {"ms": {"type": "integer"}}, **READS)
        self.tool("broken", lambda a, m: text("broken", isError=True), "Fails", **READS)
        self.tool("look", self.peek, "Tells the value", key, annotations={"readOnlyHint": True})
        self.tool("add", self.add, "Adds to the value", {"ms": {"type": "integer"}})
        self.handlers |= {
            "resources/list": lambda m: self.form({"resources": [{"uri": "counter:value", "name": "value"}]}, True),
            "resources/templates/list": lambda m: self.form({"resourceTemplates": []}, True),
            "resources/read": self.read,
            "logging/setLevel": lambda m: {},
            "server/discover": self.discover,
        }
        if self.modern:
            lists = self.handlers["tools/list"]
            self.handlers["tools/list"] = lambda m: self.form(lists(m), True)
            del self.handlers["initialize"]
        else:
            del self.handlers["server/discover"]

    def form(self, result, lasting=False):
        if not self.modern:
            return result
        lasts = (self.freshness or {"ttlMs": 0, "cacheScope": "private"}) if lasting else {}
        return {"resultType": "complete", **result, **lasts}

    def discover(self, message):
        return self.form({"supportedVersions": ["2026-07-28"], "capabilities": self.capabilities,
                          "_meta": {META + "serverInfo": {"name": self.name, "version": "1"}}}, True)

    def call(self, message):
        self.record("call", message["params"])
        return self.form(super().call(message))

    def peek(self, arguments, message):
        return text(str(self.value), _meta={"example.org/kept": True})

    def slow(self, arguments, message):
        params = message["params"]
        token = params.get("_meta", {}).get("progressToken")

        def progress():
            if token is not None:
                send({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": token, "progress": 1}})
            send({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "error", "data": "slow"}})
        later(int(arguments["ms"]) / 2000, progress)
        value = str(self.value)
        later(int(arguments["ms"]) / 1000, lambda: self.answer(message, self.form(text(value))))
        raise Later

    def add(self, arguments, message):
        self.value += 1
        later(int(arguments.get("ms", 0)) / 1000, lambda: self.answer(message, self.form(text(str(self.value)))))
        raise Later

    def read(self, message):
        self.record("read", message["params"])
        uri = message["params"]["uri"]
        return self.form({"contents": [{"uri": uri, "text": str(self.value)}]}, True)


Counter(options.parse_args()).run()
