"""A server of the stateless era whose calls become tasks (extension `io.modelcontextprotocol/tasks`), if the client can have them.

Usage: tasks.py
"""

import uuid

from basis import META, Fault, Server, text

EXTENSION = "io.modelcontextprotocol/tasks"


class Tasks(Server):
    name = "tasks"
    capabilities = {"tools": {}, "extensions": {EXTENSION: {}}}

    def __init__(self):
        super().__init__()
        self.tasks = {}
        self.tool("work", None, "Becomes a task")
        self.handlers |= {
            "server/discover": self.discover, "tools/list": self.listed, "tools/call": self.call,
            "tasks/get": self.get, "tasks/cancel": self.cancel,
        }
        del self.handlers["initialize"], self.handlers["ping"]

    def discover(self, message):
        info = {META + "serverInfo": {"name": self.name, "version": "1"}}
        about = {"supportedVersions": ["2026-07-28"], "capabilities": self.capabilities, "_meta": info}
        return {"resultType": "complete", **about, "ttlMs": 0, "cacheScope": "private"}

    def listed(self, message):
        tools = [tool["listed"] for tool in self.tools.values()]
        return {"resultType": "complete", "tools": tools, "ttlMs": 0, "cacheScope": "private"}

    def call(self, message):
        declared = message["params"]["_meta"][META + "clientCapabilities"].get("extensions", {})
        if EXTENSION not in declared:
            return {"resultType": "complete", **text("done at once")}
        id = str(uuid.uuid4())
        now = "2026-01-01T00:00:00Z"
        self.tasks[id] = {"taskId": id, "status": "working", "createdAt": now, "lastUpdatedAt": now, "ttlMs": None}
        return {"resultType": "task", **self.tasks[id]}

    def get(self, message):
        task = self.tasks.get(message["params"]["taskId"])
        if task is None:
            raise Fault(-32602, "no such task")
        task |= {"status": "completed", "result": {"resultType": "complete", **text("done")}}
        return {"resultType": "complete", **task}

    def cancel(self, message):
        return {"resultType": "complete"}


Tasks().run()
