"""A server whose tools cost money, as the configuration says.

Usage: priced.py [--record FILE] [--broken]
`search` answers with what it was asked, `slow` after a while, `tell` says in its result what it cost, `fail` fails, `die` ends the server.
With --broken, `search` fails.
"""

import argparse
import json
import os

from basis import Later, Server, later, text

options = argparse.ArgumentParser()
options.add_argument("--record")
options.add_argument("--broken", action="store_true")

READS = {"annotations": {"readOnlyHint": True, "idempotentHint": True}}


class Priced(Server):
    name = "priced"

    def __init__(self, given):
        super().__init__(given.record)
        self.broken = given.broken
        self.tool("search", self.search, "Searches", {"query": {"type": "string"}})
        self.tool("read", lambda a, m: text("read"), "Reads", **READS)
        self.tool("slow", self.slow, "Answers after a while", {"ms": {"type": "integer"}})
        self.tool("tell", lambda a, m: text("told", structuredContent={"usage": {"cost": a["dollars"]}}), "Tells what it cost")
        self.tool("fail", lambda a, m: text("no luck", isError=True), "Fails")
        self.tool("die", lambda a, m: os._exit(1), "Ends")

    def call(self, message):
        self.record("call", message["params"])
        return super().call(message)

    def search(self, arguments, message):
        return text("out of order", isError=True) if self.broken else text(json.dumps(arguments, sort_keys=True))

    def slow(self, arguments, message):
        later(int(arguments["ms"]) / 1000, lambda: self.answer(message, text("late")))
        raise Later


Priced(options.parse_args()).run()
