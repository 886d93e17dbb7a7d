"""A server of the stateless era whose lists say how long they hold, and are what a file says each time they are read. It never tells that they changed.

Usage: timed.py FILE RECORD; FILE has {"ttlMs", "cacheScope", "tools": [NAME...]}.
"""

import json
import sys

from basis import META, Server, text


class Timed(Server):
    name = "timed"
    capabilities = {"tools": {}}

    def __init__(self, facts: str, record: str):
        super().__init__(record)
        self.facts = facts
        self.handlers = {"server/discover": self.discover, "tools/list": self.list_tools, "tools/call": self.call_tool}

    def discover(self, message) -> dict:
        return {"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": self.capabilities,
                "ttlMs": 0, "cacheScope": "private", "_meta": {META + "serverInfo": {"name": self.name, "version": "1"}}}

    def list_tools(self, message) -> dict:
        self.record("list")
        with open(self.facts) as file:
            facts = json.load(file)
        tools = [{"name": name, "description": name, "inputSchema": {"type": "object"}} for name in facts.pop("tools")]
        return {"resultType": "complete", "tools": tools, **facts}

    def call_tool(self, message) -> dict:
        return {"resultType": "complete", **text("called")}


Timed(*sys.argv[1:]).run()
